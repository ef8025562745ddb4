// Forward shading: one soft-shadowed key light, unshadowed fills, a sky that is a formula instead of a cube map.
#include "../common/interface.glsl"

layout(set = 2, binding = 0) uniform MaterialBuffer {
  vec4 emission;
  vec4 baseColor;
  float fresnel;
  float roughness;
  float metallic;
  float transmission;
  float ior;
  float transmissionRoughness;
  int textureMask;
  int padding1;
  vec4 textureTransforms[6];
} materialBuffer;
layout(set = 2, binding = 1) uniform sampler2D colorTexture;
layout(set = 2, binding = 2) uniform sampler2D roughnessTexture;
layout(set = 2, binding = 3) uniform sampler2D normalTexture;
layout(set = 2, binding = 4) uniform sampler2D metallicTexture;
layout(set = 2, binding = 5) uniform sampler2D emissionTexture;
layout(set = 2, binding = 6) uniform sampler2D transmissionTexture;

layout(set = 3, binding = 2) uniform samplerCube samplerPointLightDepths[1];
layout(set = 3, binding = 3) uniform sampler2D samplerDirectionalLightDepths[2];
layout(set = 3, binding = 4) uniform sampler2D samplerTexturedLightDepths[1];
layout(set = 3, binding = 5) uniform sampler2D samplerSpotLightDepths[1];
layout(set = 3, binding = 6) uniform sampler2D samplerTexturedLightTextures[1];

layout(location = 0) in vec3 positionInEye;
layout(location = 1) in vec3 normalInEye;
layout(location = 2) in vec2 surfaceUv;
layout(location = 3) in vec3 positionInKey;
layout(location = 4) in vec3 positionInSky;

const float INVERSE_PI = 0.31830989;
// a golden-angle disc: any prefix of it is spread evenly
const vec2 DISC[12] = vec2[](
  vec2(0.2041, 0.0000), vec2(-0.2607, 0.2388), vec2(0.0399, -0.4547), vec2(0.3286, 0.4286),
  vec2(-0.6030, -0.1067), vec2(0.5712, -0.3634), vec2(-0.1911, 0.7107), vec2(-0.3644, -0.7016),
  vec2(0.7906, 0.2887), vec2(-0.8224, 0.3395), vec2(0.3965, -0.8472), vec2(0.2930, 0.9341));

// share of the key light that reaches a point: bilinear comparisons on a disc some texels wide
float keyVisibility(vec3 at) {
  vec2 size = vec2(textureSize(samplerDirectionalLightDepths[0], 0));
  float sum = 0.0;
  for (int i = 0; i < KEY_TAPS; ++i) {
    vec2 texel = at.xy * size + DISC[i] * KEY_RADIUS;
    vec2 part = fract(texel - 0.5);
    vec4 open = step(vec4(at.z), textureGather(samplerDirectionalLightDepths[0], texel / size));
    sum += mix(mix(open.w, open.z, part.x), mix(open.x, open.y, part.x), part.y);
  }
  return sum / float(KEY_TAPS);
}

// share of the sky a point sees, from a small map of heights taken straight down
float skyVisibility(vec3 at) {
  vec2 size = vec2(textureSize(samplerDirectionalLightDepths[1], 0));
  float sum = 0.0;
  for (int i = 0; i < 12; ++i) {
    float below = at.z - texture(samplerDirectionalLightDepths[1], at.xy + DISC[i] * 7.0 / size).x;
    // a roof right above hides more than one far above
    sum += below > 0.0 ? 0.45 - 0.35 * clamp(below * 14.0 - 0.15, 0.0, 1.0) : 1.0;
  }
  return sum / 12.0;
}

vec3 shade() {
  vec3 base = materialBuffer.baseColor.rgb;
  if ((materialBuffer.textureMask & 1) != 0) base = texture(colorTexture, surfaceUv).rgb;
  vec3 n = normalize(normalInEye), eye = -normalize(positionInEye);
  float ne = dot(n, eye);
  n = ne < 0.0 ? -n : n;
  ne = abs(ne);
  mat3 view = mat3(cameraBuffer.viewMatrix);
  vec3 up = view[2], ambient = sceneBuffer.ambientLight.rgb;
  float metallic = materialBuffer.metallic, rough = clamp(materialBuffer.roughness, 0.06, 1.0), gloss = 1.0 - rough;
  vec3 diffuse = base * (1.0 - metallic), f0 = mix(vec3(0.08 * materialBuffer.fresnel), base, metallic);

  float open = 1.0;
  if (SKY_OCCLUSION && NUM_DIRECTIONAL_LIGHT_SHADOWS > 1) open = skyVisibility(positionInSky - vec3(0.0, 0.0, 0.0012));
  vec3 color = diffuse * ambient * mix(vec3(0.46, 0.40, 0.34), vec3(1.0, 1.04, 1.12), 0.5 + 0.5 * dot(n, up)) * open;

  float grazing = 1.0 - ne, grazing2 = grazing * grazing, schlick = grazing2 * grazing2 * grazing;
  float reflectedUp = 0.5 + 0.5 * dot(reflect(-eye, n), up);
  vec3 sky = mix(vec3(0.30, 0.27, 0.24), vec3(0.75) + 1.9 * gloss * smoothstep(0.62, 0.92, reflectedUp), reflectedUp);
  color += ambient * sky * open * (f0 + max(vec3(gloss) - f0, vec3(0.0)) * 0.5 * schlick);

  vec3 key = -(view * sceneBuffer.directionalLights[0].direction.xyz);
  float nl = max(dot(n, key), 0.0), visible = 1.0;
  if (NUM_DIRECTIONAL_LIGHT_SHADOWS > 0)
    visible = keyVisibility(positionInKey - vec3(0.0, 0.0, 0.0006 + 0.0016 * (1.0 - nl)));
  vec3 halfway = normalize(key + eye);
  float nh = max(dot(n, halfway), 0.0), vh = max(dot(eye, halfway), 0.0);
  float a2 = rough * rough;
  a2 *= a2;
  float d = nh * nh * (a2 - 1.0) + 1.0;
  float lobe = min(a2 / (d * d * 4.0 * max(vh * vh, 0.1) * (rough + 0.5)), 24.0);
  color += (visible * nl * INVERSE_PI) * (diffuse + f0 * lobe) * sceneBuffer.directionalLights[0].emission.rgb;
  for (int i = 1; i < NUM_DIRECTIONAL_LIGHTS; ++i)
    color += max(dot(n, -(view * sceneBuffer.directionalLights[i].direction.xyz)), 0.0) * INVERSE_PI * open * diffuse
           * sceneBuffer.directionalLights[i].emission.rgb;
  return color + materialBuffer.emission.rgb * materialBuffer.emission.a;
}

// a filmic shoulder (linear below a half, whites compressed, never clipped), then sRGB by square roots
vec3 develop(vec3 color) {
  color = color * (1.0 + color * 0.16) / (1.0 + color * 0.62) * 1.16;
  vec3 s1 = sqrt(max(color, vec3(0.0))), s2 = sqrt(s1);
  return clamp(0.585122381 * s1 + 0.783140355 * s2 - 0.368262736 * sqrt(s2), 0.0, 1.0);
}
