// The vertex stage of every colour pass: eye-space position and normal, and where the point lies in the shadow maps.
#include "../common/interface.glsl"

layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec2 uv;

layout(location = 0) out vec3 positionInEye;
layout(location = 1) out vec3 normalInEye;
layout(location = 2) out vec2 surfaceUv;
layout(location = 3) out vec3 positionInKey;
layout(location = 4) out vec3 positionInSky;

vec3 shadowCoordinates(int light, vec4 world) {
  vec4 clip = shadowBuffer.directionalLightBuffers[light].projectionMatrix
            * (shadowBuffer.directionalLightBuffers[light].viewMatrix * world);
  return vec3(clip.xy * 0.5 + 0.5, clip.z);
}

void main() {
  mat4 model = objectTransformBuffer.modelMatrix;
  vec4 world = model * vec4(position, 1.0);
  // cofactors turn normals right under uneven scale without an inverse
  vec3 x = model[0].xyz, y = model[1].xyz, z = model[2].xyz;
  vec3 normalInWorld = cross(y, z) * normal.x + cross(z, x) * normal.y + cross(x, y) * normal.z;
  vec4 eye = cameraBuffer.viewMatrix * world;
  positionInEye = eye.xyz;
  normalInEye = mat3(cameraBuffer.viewMatrix) * normalInWorld;
  surfaceUv = uv;
  positionInKey = shadowCoordinates(0, world);
  positionInSky = shadowCoordinates(1, world);
  gl_Position = cameraBuffer.projectionMatrix * eye;
}
