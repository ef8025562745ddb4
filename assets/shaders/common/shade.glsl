// Forward shading in the world frame: a key light with soft shadows, a room's daylight as a formula, a filmic curve.
//
// Designed for a rasteriser on the CPU: texture reads and varyings are expensive, arithmetic is cheap, and a branch is
// skipped if eight neighbours agree on it. There are no look-up tables or cube maps, which would delay the first frame.
#include "../common/interface.glsl"

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
layout(set = 3, binding = 2) uniform samplerCube samplerPointLightDepths[1];
layout(set = 3, binding = 3) uniform sampler2D samplerDirectionalLightDepths[2];
layout(set = 3, binding = 4) uniform sampler2D samplerTexturedLightDepths[1];
layout(set = 3, binding = 5) uniform sampler2D samplerSpotLightDepths[1];
layout(set = 3, binding = 6) uniform sampler2D samplerTexturedLightTextures[1];

layout(location = 0) in vec3 positionInWorld;
layout(location = 1) in vec3 normalInWorld;
layout(location = 2) in vec2 surfaceUv;

const float INVERSE_PI = 0.31830989;

// daylight of the room on a matte surface, linear in its normal: from the window (+y), the ceiling and the floor
const vec3 ROOM_LIGHT = vec3(0.84, 0.82, 0.80);
const vec3 ROOM_LIGHT_X = vec3(0.05, 0.03, 0.01);
const vec3 ROOM_LIGHT_Y = vec3(0.13, 0.16, 0.20);
const vec3 ROOM_LIGHT_Z = vec3(0.22, 0.26, 0.31);

// smoothed comparison of the 4 x 4 texels around a point of a shadow map with the plane through the point; two quarters
// on a diagonal are read first, and the other two only if those are neither fully lit nor fully in shadow
#define FILTERED(map, at, slope, compare, result)                                                \
  {                                                                                              \
    vec2 size = vec2(textureSize(map, 0)), texel = at.xy * size - 0.5;                           \
    vec2 corner = floor(texel), part = texel - corner;                                           \
    vec4 wx = vec4(1.0 - part.x, 1.0, 1.0, part.x), wy = vec4(1.0 - part.y, 1.0, 1.0, part.y);   \
    vec4 zx = (vec4(-1.0, 0.0, 1.0, 2.0) - part.x) * (slope.x / size.x) + at.z;                  \
    vec4 zy = (vec4(-1.0, 0.0, 1.0, 2.0) - part.y) * (slope.y / size.y);                         \
    vec2 low = corner / size, high = (corner + 2.0) / size;                                      \
    vec4 first = compare(zx.xyyx + zy.yyxx, textureGather(map, low));                            \
    vec4 last = compare(zx.zwwz + zy.wwzz, textureGather(map, high));                            \
    result = dot(first + last, vec4(0.125));                                                     \
    if (result > 0.001 && result < 0.999) {                                                      \
      result = dot(first, wx.xyyx * wy.yyxx) + dot(last, wx.zwwz * wy.wwzz);                     \
      result += dot(compare(zx.zwwz + zy.yyxx, textureGather(map, vec2(high.x, low.y))), wx.zwwz * wy.yyxx); \
      result += dot(compare(zx.xyyx + zy.wwzz, textureGather(map, vec2(low.x, high.y))), wx.xyyx * wy.wwzz); \
      result *= 1.0 / 9.0;                                                                       \
    }                                                                                            \
  }

// position of the point in an orthographic light's shadow map; scale: map coordinates and depth per metre
vec3 inLight(int light, out vec3 scale) {
  mat4 projection = shadowBuffer.directionalLightBuffers[light].projectionMatrix;
  vec3 at = (shadowBuffer.directionalLightBuffers[light].viewMatrix * vec4(positionInWorld, 1.0)).xyz;
  scale = vec3(0.5 * projection[0][0], 0.5 * projection[1][1], projection[2][2]);
  return at * scale + vec3(0.5, 0.5, projection[3][2]);
}

// 1 near the middle of a map, 0 at its border
float within(vec3 at) {
  vec2 away = abs(at.xy * 2.0 - 1.0);
  return 1.0 - smoothstep(0.72, 0.98, max(away.x, away.y));
}

// fraction of the key light that reaches the point; beyond the map, the room gets a fixed share of the window's light
float keyVisibility(vec3 normal, float facing) {
  vec3 scale, at = inLight(0, scale);
  float inside = within(at), visible = 1.0;
  if (inside > 0.0 && facing > 0.0) {
    vec3 across = mat3(shadowBuffer.directionalLightBuffers[0].viewMatrix) * normal;
    vec2 slope = clamp(-across.xy / max(across.z, 0.2), -3.0, 3.0) * scale.z / scale.xy;
    at.z -= KEY_BIAS;
    FILTERED(samplerDirectionalLightDepths[0], at, slope, step, visible)
  }
  return mix(0.35, visible, inside);
}

vec4 openness(vec4 depth, vec4 roof) {
  vec4 above = max(depth - roof, vec4(0.0)) * SKY_RANGE_M;
  // an object that touches the point hides half of its sky; one that is higher hides less
  return 1.0 - min(above * 60.0, vec4(1.0)) * (0.62 - 0.34 * min(above * 3.0, vec4(1.0)));
}

// fraction of the ceiling's light that reaches the point, from a map of heights seen from straight above
float skyVisibility() {
  vec3 scale, at = inLight(1, scale);
  float inside = within(at), open = 1.0;
  if (inside > 0.0) {
    vec2 slope = vec2(0.0);
    at.z -= 0.002;
    FILTERED(samplerDirectionalLightDepths[1], at, slope, openness, open)
  }
  return mix(1.0, open, inside);
}

// what a mirror would show: table, walls, ceiling and the two panes of the window, blurred by roughness
vec3 reflectedRoom(vec3 ray, float rough) {
  float blur = 0.06 + 1.1 * rough * rough;
  vec3 room = mix(vec3(0.34, 0.25, 0.18), vec3(0.62, 0.62, 0.60), smoothstep(-0.35 - blur, 0.25 + blur, ray.z));
  room += vec3(0.45, 0.45, 0.44) * smoothstep(0.45 - blur, 0.95 + blur, ray.z);
  vec2 pane = abs(ray.xz / max(ray.y, 0.05) - vec2(0.10, 0.62)) - vec2(0.55, 0.48);
  vec2 inside = clamp(0.5 - pane / blur, 0.0, 1.0);
  float bar = clamp((abs(ray.x / max(ray.y, 0.05) - 0.10) - 0.025) / blur + 0.5, 0.0, 1.0);
  return room + vec3(3.2, 3.4, 3.7) * (inside.x * inside.y * bar / (1.0 + 2.0 * rough));
}

vec3 shade() {
  vec3 base = materialBuffer.baseColor.rgb;
  if ((materialBuffer.textureMask & 1) != 0) base = texture(colorTexture, surfaceUv).rgb;
  vec3 toEye = normalize(cameraBuffer.viewMatrixInverse[3].xyz - positionInWorld), n = normalize(normalInWorld);
  float ne = dot(n, toEye);
  n = ne < 0.0 ? -n : n;
  ne = abs(ne);
  float metallic = materialBuffer.metallic, rough = clamp(materialBuffer.roughness, 0.06, 1.0);
  vec3 diffuse = base * (1.0 - metallic), f0 = mix(vec3(0.08 * materialBuffer.fresnel), base, metallic);

  vec3 key = -sceneBuffer.directionalLights[0].direction.xyz;
  float nl = max(dot(n, key), 0.0), visible = 1.0, open = 1.0;
  if (NUM_DIRECTIONAL_LIGHT_SHADOWS > 0) visible = keyVisibility(n, nl);
  if (SKY && NUM_DIRECTIONAL_LIGHT_SHADOWS > 1) open = skyVisibility();

  vec3 room = (ROOM_LIGHT + ROOM_LIGHT_X * n.x + ROOM_LIGHT_Y * n.y + ROOM_LIGHT_Z * n.z) * open;
  float grazing = 1.0 - ne, grazing2 = grazing * grazing;
  vec3 mirror = f0 + max(vec3(1.0 - rough) - f0, vec3(0.0)) * (grazing2 * grazing2 * grazing);
  room *= diffuse;
  if (max(mirror.r, max(mirror.g, mirror.b)) > 0.012)
    room += mirror * reflectedRoom(2.0 * ne * n - toEye, rough) * (open * (0.55 + 0.45 * visible));

  vec3 halfway = normalize(key + toEye);
  float nh = max(dot(n, halfway), 0.0), vh = max(dot(toEye, halfway), 0.0), a2 = rough * rough;
  a2 *= a2;
  float d = nh * nh * (a2 - 1.0) + 1.0;
  float lobe = min(a2 / (d * d * 4.0 * max(vh * vh, 0.1) * (rough + 0.5)), 24.0);
  vec3 color = sceneBuffer.ambientLight.rgb * room
             + (visible * nl * INVERSE_PI) * (diffuse + f0 * lobe) * sceneBuffer.directionalLights[0].emission.rgb;
  for (int i = SKY ? 2 : 1; i < NUM_DIRECTIONAL_LIGHTS; ++i)
    color += diffuse * (max(dot(n, -sceneBuffer.directionalLights[i].direction.xyz), 0.0) * INVERSE_PI)
           * sceneBuffer.directionalLights[i].emission.rgb;
  vec3 glow = materialBuffer.emission.rgb;
  color = mix(color, base, materialBuffer.emission.a * step(0.001, max(glow.r, max(glow.g, glow.b))));
  // `transmission` is the strength of the tint, in the colour of the emission
  return mix(color, glow, materialBuffer.transmission * (0.15 + 0.85 * grazing2));
}

// a filmic curve (a toe that deepens blacks, a shoulder that never clips; after K. Narkowicz, 2015), then sRGB by a
// cubic in the square root
vec3 develop(vec3 color) {
  color = color * (2.0 * color + 0.13) / (color * (1.93 * color + 0.66) + 0.15);
  vec3 root = sqrt(min(color, 1.0));
  return root * (0.945 + root * (0.49 - 0.435 * root));
}

// three bytes packed into a float, which takes a quarter of the memory of four floats; the picture is never blended and
// is read as bytes in the end; the fourth byte keeps the float a normal number
float packed(vec3 color) { return uintBitsToFloat(0x3f000000u | (packUnorm4x8(vec4(color, 0.0)) & 0x00ffffffu)); }
