// What libcuda.so offers to the libraries that lie next to it: its lock, and looks at addresses and streams.
#ifndef SIMCUDA_LIBRARY_H
#define SIMCUDA_LIBRARY_H

#include <cstddef>

extern "C" {
int sim_enter();
void sim_leave();
int sim_check(unsigned long long start, size_t bytes, const char *what);
int sim_check_stream(void *stream);
}

#endif
