// The vertex layout of SAPIEN's own packs: all packs of a process must share one, and its viewer uses that one.
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec2 uv;
layout(location = 3) in vec3 tangent;
layout(location = 4) in vec3 bitangent;
