// Depth from a light: positions only.
layout(set = 0, binding = 0) uniform LightBuffer {
  mat4 viewMatrix;
  mat4 viewMatrixInverse;
  mat4 projectionMatrix;
  mat4 projectionMatrixInverse;
  int width;
  int height;
} lightBuffer;
layout(set = 1, binding = 0) uniform ObjectTransformBuffer { mat4 modelMatrix; } objectTransformBuffer;
layout(set = 1, binding = 1) uniform ObjectDataBuffer {
  uvec4 segmentation;
  float transparency;
  int shadeFlat;
} objectDataBuffer;
#include "../common/attributes.glsl"

void main() {
  gl_Position = lightBuffer.projectionMatrix
              * (lightBuffer.viewMatrix * (objectTransformBuffer.modelMatrix * vec4(position, 1.0)));
}
