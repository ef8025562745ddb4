// What SAPIEN passes to every colour pass. Its loader matches blocks and members by name, so all are declared in full.
layout(constant_id = 0) const int NUM_DIRECTIONAL_LIGHTS = 0;
layout(constant_id = 1) const int NUM_DIRECTIONAL_LIGHT_SHADOWS = 0;

layout(set = 0, binding = 0) uniform CameraBuffer {
  mat4 viewMatrix;
  mat4 projectionMatrix;
  mat4 viewMatrixInverse;
  mat4 projectionMatrixInverse;
  float width;
  float height;
} cameraBuffer;

#include "../common/object.glsl"
