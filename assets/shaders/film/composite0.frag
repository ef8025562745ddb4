#version 450
// Anti-aliasing along whole edges: finds the side of a pixel on which an edge runs and the distances to its ends, and
// blends in the pixel beyond it accordingly. After T. Lottes, FXAA 3 (2011), section "quality".
layout(set = 0, binding = 0) uniform sampler2D samplerShaded;

layout(location = 0) out float outPicture;

const int REACH = 10;

uint at(ivec2 pixel) {
  return floatBitsToUint(texelFetch(samplerShaded, clamp(pixel, ivec2(0), textureSize(samplerShaded, 0) - 1), 0).x);
}
// green represents brightness
float bright(uint texel) { return float((texel >> 8) & 255u); }

void main() {
  ivec2 here = ivec2(gl_FragCoord.xy);
  // two gathers fetch the pixel and its four neighbours
  vec2 size = vec2(textureSize(samplerShaded, 0));
  uvec4 upper = floatBitsToUint(textureGather(samplerShaded, (gl_FragCoord.xy - 0.5) / size));
  uvec4 lower = floatBitsToUint(textureGather(samplerShaded, (gl_FragCoord.xy + 0.5) / size));
  uint centre = lower.w;
  float c = bright(centre), n = bright(upper.z), s = bright(lower.x), w = bright(upper.x), e = bright(lower.z);
  float lowest = min(c, min(min(n, s), min(w, e))), highest = max(c, max(max(n, s), max(w, e)));
  float contrast = highest - lowest;
  outPicture = uintBitsToFloat(centre);
  if (contrast > max(16.0, 0.12 * highest)) {
    bool across = abs(n + s - 2.0 * c) >= abs(w + e - 2.0 * c);  // the edge runs from left to right
    float before = across ? n : w, after = across ? s : e;
    bool second = abs(after - c) >= abs(before - c);
    ivec2 beyond = across ? ivec2(0, second ? 1 : -1) : ivec2(second ? 1 : -1, 0);
    ivec2 along = across ? ivec2(1, 0) : ivec2(0, 1);
    float other = second ? after : before, middle = 0.5 * (c + other), steep = 0.25 * abs(other - c);

    int left = REACH, right = REACH;
    float leftEnd = 0.0, rightEnd = 0.0;
    for (int i = 1; i < REACH && (left == REACH || right == REACH); ++i) {
      ivec2 l = here - i * along, r = here + i * along;
      float lm = 0.5 * (bright(at(l)) + bright(at(l + beyond))) - middle;
      float rm = 0.5 * (bright(at(r)) + bright(at(r + beyond))) - middle;
      if (left == REACH && abs(lm) > steep) { left = i; leftEnd = lm; }
      if (right == REACH && abs(rm) > steep) { right = i; rightEnd = rm; }
    }
    bool leftNearer = left < right;
    float nearest = float(min(left, right)), span = float(left + right);
    bool fits = ((leftNearer ? leftEnd : rightEnd) < 0.0) != (c < middle);
    float share = fits ? max(0.5 - nearest / span, 0.0) : 0.0;
    // a single pixel that differs from all its neighbours is softened, too
    float lone = clamp(abs(0.25 * (n + s + w + e) - c) / contrast, 0.0, 1.0);
    share = max(share, 0.55 * lone * lone);

    vec4 mixed = mix(unpackUnorm4x8(centre), unpackUnorm4x8(at(here + beyond)), share);
    outPicture = uintBitsToFloat(0x3f000000u | (packUnorm4x8(mixed) & 0x00ffffffu));
  }
}
