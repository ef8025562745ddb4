#version 450
#define SKY false
#define SKY_RANGE_M 2.6
#define KEY_BIAS 0.0003
#include "../common/shade.glsl"

layout(location = 0) out float outPicture;
layout(location = 1) out float outActor;

void main() {
  outPicture = packed(develop(shade()));
  outActor = float(objectDataBuffer.segmentation.y);
}
