// The vertex stage of the colour pass: position and normal in the world frame.
#include "../common/interface.glsl"
#include "../common/attributes.glsl"

layout(location = 0) out vec3 positionInWorld;
layout(location = 1) out vec3 normalInWorld;
layout(location = 2) out vec2 surfaceUv;

void main() {
  mat4 model = objectTransformBuffer.modelMatrix;
  vec4 world = model * vec4(position, 1.0);
  positionInWorld = world.xyz;
  // the cofactor matrix transforms normals correctly under non-uniform scale, without an inverse
  vec3 x = model[0].xyz, y = model[1].xyz, z = model[2].xyz;
  normalInWorld = cross(y, z) * normal.x + cross(z, x) * normal.y + cross(x, y) * normal.z;
  surfaceUv = uv;
  gl_Position = cameraBuffer.projectionMatrix * (cameraBuffer.viewMatrix * world);
}
