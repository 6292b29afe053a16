// Turning a kernel's text, preprocessed, into C++ for a host compiler: see rewrite.cpp.
#ifndef SIMCUDA_REWRITE_H
#define SIMCUDA_REWRITE_H
#include <string>

std::string rewrite_kernels(const std::string &source);

#endif
