#version 450
#include "../common/vertex.glsl"
