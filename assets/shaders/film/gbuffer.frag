#version 450
#define SKY true
#define SKY_RANGE_M 1.0
#define KEY_BIAS 0.0012
#include "../common/shade.glsl"

layout(location = 0) out float outShaded;

void main() { outShaded = packed(develop(shade())); }
