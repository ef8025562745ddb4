#version 450
#define KEY_TAPS 12
#define KEY_RADIUS 3.2
#define SKY_OCCLUSION true
#include "../common/shade.glsl"

layout(location = 0) out vec4 outColor;

void main() { outColor = vec4(develop(shade()), 1.0); }
