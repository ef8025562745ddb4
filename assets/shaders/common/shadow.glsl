// The shadow pass: depth seen from a light, from positions alone.
layout(set = 0, binding = 0) uniform LightBuffer {
  mat4 viewMatrix;
  mat4 viewMatrixInverse;
  mat4 projectionMatrix;
  mat4 projectionMatrixInverse;
  int width;
  int height;
} lightBuffer;
#include "../common/object.glsl"
#include "../common/attributes.glsl"

void main() {
  gl_Position = lightBuffer.projectionMatrix
              * (lightBuffer.viewMatrix * (objectTransformBuffer.modelMatrix * vec4(position, 1.0)));
}
