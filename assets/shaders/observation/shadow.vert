#version 450
#include "../common/shadow.glsl"
