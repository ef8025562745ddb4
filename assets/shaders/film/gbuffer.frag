#version 450
#define SKY true
#define SKY_RANGE_M 2.6
#define KEY_BIAS 0.0003
#include "../common/shade.glsl"

layout(location = 0) out float outShaded;

void main() { outShaded = packed(develop(shade())); }
