// The object that is drawn, as SAPIEN passes it to every pass.
layout(set = 1, binding = 0) uniform ObjectTransformBuffer { mat4 modelMatrix; } objectTransformBuffer;
layout(set = 1, binding = 1) uniform ObjectDataBuffer {
  uvec4 segmentation;
  float transparency;
  int shadeFlat;
} objectDataBuffer;
