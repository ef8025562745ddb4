// What SAPIEN hands to every pass. Its loader matches blocks and members by name, so all must be declared whole.
// SET_* are defined before inclusion where a pass counts its sets differently.
#ifndef INTERFACE_GLSL
#define INTERFACE_GLSL

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

layout(set = 1, binding = 0) uniform ObjectTransformBuffer { mat4 modelMatrix; } objectTransformBuffer;
layout(set = 1, binding = 1) uniform ObjectDataBuffer {
  uvec4 segmentation;
  float transparency;
  int shadeFlat;
} objectDataBuffer;

struct DirectionalLight { vec4 direction; vec4 emission; };
struct PointLight { vec4 position; vec4 emission; };
struct SpotLight { vec4 position; vec4 direction; vec4 emission; };
struct LightBuffer {
  mat4 viewMatrix;
  mat4 viewMatrixInverse;
  mat4 projectionMatrix;
  mat4 projectionMatrixInverse;
  int width;
  int height;
};

layout(set = 3, binding = 0) uniform SceneBuffer {
  vec4 ambientLight;
  DirectionalLight directionalLights[3];
  SpotLight spotLights[1];
  PointLight pointLights[1];
  SpotLight texturedLights[1];
} sceneBuffer;
layout(set = 3, binding = 1) uniform ShadowBuffer {
  LightBuffer directionalLightBuffers[2];
  LightBuffer spotLightBuffers[1];
  LightBuffer pointLightBuffers[6];
  LightBuffer texturedLightBuffers[1];
} shadowBuffer;

#endif
