#version 450
#define KEY_TAPS 6
#define KEY_RADIUS 2.2
#define SKY_OCCLUSION false
#include "../common/shade.glsl"

layout(location = 0) out vec4 outColor;
layout(location = 1) out uvec4 outSegmentation;

void main() {
  outColor = vec4(develop(shade()), 1.0);
  outSegmentation = objectDataBuffer.segmentation;
}
