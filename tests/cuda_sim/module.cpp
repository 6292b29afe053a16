// Modules, functions and launches. A module's image is a short text that names the shared library which the
// stand-in for NVRTC has compiled.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <link.h>

#include "sim.h"

struct Function {
    std::string name;
    void (*entry)(void **);
    int most_threads;      // what __launch_bounds__ says
    unsigned long long pointers; // which arguments are pointers
    size_t statics_module; // see Launch
    size_t statics_bytes;
    int dynamic_limit;     // how much dynamic shared memory a launch may ask for
};

struct Module {
    void *library;
    size_t statics_module = 0, statics_bytes = 0;
    std::map<std::string, std::unique_ptr<Function>> functions;
    std::vector<CUdeviceptr> variables;
};

namespace {

const int shared_default = 49152;
const int shared_optin = 232448;
const int shared_of_multiprocessor = 233472;
const int shared_reserved = 1024;
const int image_limit = 16384;

std::set<Module *> &modules() {
    static auto *all = new std::set<Module *>;
    return *all;
}

// All functions of all modules that are loaded: what a program may launch.
std::set<Function *> &functions() {
    static auto *all = new std::set<Function *>;
    return *all;
}

bool known(Function *f) { return functions().count(f) > 0; }

// Finds the part of the library's memory that each thread has its own copy of: that is where the __shared__
// variables are. They belong to the module; which kernel uses which of them is not known.
int find_statics(dl_phdr_info *info, size_t, void *data) {
    Module *m = (Module *)data;
    link_map *map;
    if (dlinfo(m->library, RTLD_DI_LINKMAP, &map) || info->dlpi_addr != map->l_addr) return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_TLS) continue;
        m->statics_module = info->dlpi_tls_modid;
        m->statics_bytes = info->dlpi_phdr[i].p_memsz;
    }
    return 1;
}

// Reads "// key value" from the text of an image.
std::string image_value(const std::string &image, const char *key) {
    std::string head = std::string("// ") + key + " ";
    size_t at = image.find(head);
    if (at == std::string::npos) return "";
    size_t from = at + head.size();
    return image.substr(from, image.find('\n', from) - from);
}

CUresult load(Module **out, const std::string &image) {
    if (image.compare(0, 17, "// simcuda image\n")) {
        complain("cuModuleLoadData: this is not an image made by the simulated NVRTC");
        return CUDA_ERROR_INVALID_IMAGE;
    }
    int arch = atoi(image_value(image, "arch").c_str()), device = device_compute_capability();
    bool cubin = image_value(image, "kind") == "cubin";
    // Machine code runs on the same major version only, PTX on the same or a later device.
    if (cubin ? arch / 10 != device / 10 || arch > device : arch > device) {
        complain("cuModuleLoadData: %s for %d on a device of %d", cubin ? "CUBIN" : "PTX", arch, device);
        return cubin ? CUDA_ERROR_NO_BINARY_FOR_GPU : CUDA_ERROR_INVALID_PTX;
    }
    std::string path = image_value(image, "library");
    void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        complain("cuModuleLoadData: %s", dlerror());
        return CUDA_ERROR_INVALID_IMAGE;
    }
    Module *m = new Module;
    m->library = library;
    dl_iterate_phdr(find_statics, m);
    modules().insert(m);
    *out = m;
    return CUDA_SUCCESS;
}

// How many blocks of a function one multiprocessor holds at once.
int resident_blocks(Function *f, int threads, size_t dynamic) {
    if (threads < 1 || threads > f->most_threads) return 0;
    int by_threads = 2048 / ((threads + 31) / 32 * 32);
    size_t shared = f->statics_bytes + dynamic;
    if (shared > (size_t)f->dynamic_limit + f->statics_bytes) return 0;
    int by_shared = (int)(shared_of_multiprocessor / (shared + shared_reserved));
    int n = by_threads < by_shared ? by_threads : by_shared;
    return n < 32 ? n : 32;
}

// Why a launch of this shape is refused before it begins, or 0.
CUresult check_launch(Function *f, uint3 grid, uint3 block, unsigned shared, std::string &why) {
    char text[200];
    text[0] = 0;
    CUresult e = CUDA_ERROR_INVALID_VALUE;
    unsigned long long threads = (unsigned long long)block.x * block.y * block.z;
    if (!grid.x || !grid.y || !grid.z || !block.x || !block.y || !block.z)
        snprintf(text, sizeof text, "an empty grid or block");
    else if (grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535)
        snprintf(text, sizeof text, "a grid beyond 2147483647 x 65535 x 65535");
    else if (block.x > 1024 || block.y > 1024 || block.z > 64 || threads > (unsigned)max_threads_per_block)
        snprintf(text, sizeof text, "a block beyond 1024 x 1024 x 64 or with more than 1024 threads");
    else if (shared > (unsigned)f->dynamic_limit)
        snprintf(text, sizeof text, "%u bytes of dynamic shared memory, where %d are allowed (cuFuncSetAttribute)", shared,
                 f->dynamic_limit);
    else if (threads > (unsigned)f->most_threads) {
        snprintf(text, sizeof text, "%llu threads in a block, where __launch_bounds__ says %d", threads, f->most_threads);
        e = CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
    }
    why = text;
    return text[0] ? e : CUDA_SUCCESS;
}

} // namespace

extern "C" {

CUresult cuModuleLoadData(Module **module, const void *image) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!image) return CUDA_ERROR_INVALID_VALUE;
    // No length is given. The text ends with its own last line, so no more is read than there is.
    const char *text = (const char *)image, *last = "\n// end\n";
    if (strncmp(text, "// simcuda image\n", 17)) return load(module, "");
    std::string all;
    while (*text && all.size() < image_limit) {
        all += *text++;
        if (all.size() > 8 && !all.compare(all.size() - 8, 8, last)) break;
    }
    return load(module, all);
}

CUresult cuModuleLoadDataEx(Module **module, const void *image, unsigned, int *, void **) {
    return cuModuleLoadData(module, image);
}

CUresult cuModuleLoad(Module **module, const char *path) {
    Entry entry;
    if (entry.error) return entry.error;
    std::ifstream file(path, std::ios::binary);
    if (!file) return CUDA_ERROR_FILE_NOT_FOUND;
    std::stringstream text;
    text << file.rdbuf();
    return load(module, text.str());
}

CUresult cuModuleUnload(Module *module) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!modules().erase(module)) return CUDA_ERROR_INVALID_HANDLE;
    for (auto &one : module->functions) functions().erase(one.second.get());
    for (CUdeviceptr v : module->variables) memory_remove_foreign(v);
    dlclose(module->library);
    delete module;
    return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(Function **function, Module *module, const char *name) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!modules().count(module)) return CUDA_ERROR_INVALID_HANDLE;
    std::unique_ptr<Function> &f = module->functions[name];
    if (!f) {
        void *address = dlsym(module->library, (std::string("sim_entry_") + name).c_str());
        int (*bound)() = (int (*)())dlsym(module->library, (std::string("sim_bound_") + name).c_str());
        auto pointers = (unsigned long long (*)())dlsym(module->library, (std::string("sim_pointers_") + name).c_str());
        if (!address || !bound || !pointers) {
            module->functions.erase(name);
            return CUDA_ERROR_NOT_FOUND;
        }
        int most = bound();
        f.reset(new Function{name, (void (*)(void **))address, most < 1024 ? most : 1024, pointers(),
                             module->statics_module, module->statics_bytes, shared_default});
        functions().insert(f.get());
    }
    *function = f.get();
    return CUDA_SUCCESS;
}

// A __device__ or __constant__ variable outside of namespaces.
CUresult cuModuleGetGlobal_v2(CUdeviceptr *out, size_t *bytes, Module *module, const char *name) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!modules().count(module)) return CUDA_ERROR_INVALID_HANDLE;
    void *address = dlsym(module->library, name);
    Dl_info info;
    const ElfW(Sym) *symbol = nullptr;
    if (!address || !dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol) return CUDA_ERROR_NOT_FOUND;
    link_map *map;
    if (dlinfo(module->library, RTLD_DI_LINKMAP, &map) || info.dli_fbase != (void *)map->l_addr) return CUDA_ERROR_NOT_FOUND;
    memory_add_foreign((CUdeviceptr)address, symbol->st_size, context_device(entry.context));
    module->variables.push_back((CUdeviceptr)address);
    if (out) *out = (CUdeviceptr)address;
    if (bytes) *bytes = symbol->st_size;
    return CUDA_SUCCESS;
}

CUresult cuFuncGetAttribute(int *value, int attribute, Function *f) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!known(f)) return CUDA_ERROR_INVALID_HANDLE;
    switch (attribute) {
    case 0: *value = f->most_threads; break;                       // MAX_THREADS_PER_BLOCK
    case 1: *value = (int)f->statics_bytes; break;                 // SHARED_SIZE_BYTES, of the whole module
    case 4: *value = 32; break;                                    // NUM_REGS
    case 5: case 6: *value = device_compute_capability(); break;   // PTX_VERSION, BINARY_VERSION
    case 8: *value = f->dynamic_limit; break;                      // MAX_DYNAMIC_SHARED_SIZE_BYTES
    case 9: *value = -1; break;                                    // PREFERRED_SHARED_MEMORY_CARVEOUT
    default: *value = 0;
    }
    return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(Function *f, int attribute, int value) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!known(f)) return CUDA_ERROR_INVALID_HANDLE;
    if (attribute == 8) {
        if (value < 0 || value > shared_optin) return CUDA_ERROR_INVALID_VALUE;
        f->dynamic_limit = value;
    }
    return CUDA_SUCCESS;
}

CUresult cuFuncSetCacheConfig(Function *f, int) {
    Entry entry;
    return entry.error ? entry.error : known(f) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

CUresult cuFuncGetName(const char **name, Function *f) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!known(f)) return CUDA_ERROR_INVALID_HANDLE;
    *name = f->name.c_str();
    return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *n, Function *f, int threads, size_t dynamic) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!known(f)) return CUDA_ERROR_INVALID_HANDLE;
    *n = resident_blocks(f, threads, dynamic);
    return CUDA_SUCCESS;
}
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *n, Function *f, int threads, size_t dynamic, unsigned) {
    return cuOccupancyMaxActiveBlocksPerMultiprocessor(n, f, threads, dynamic);
}

CUresult cuOccupancyAvailableDynamicSMemPerBlock(size_t *bytes, Function *f, int blocks, int) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!known(f) || blocks < 1) return CUDA_ERROR_INVALID_VALUE;
    long long left = shared_of_multiprocessor / blocks - shared_reserved - (long long)f->statics_bytes;
    *bytes = left < 0 ? 0 : left > f->dynamic_limit ? f->dynamic_limit : (size_t)left;
    return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxPotentialBlockSize(int *grid, int *block, Function *f, size_t (*dynamic_of)(int), size_t dynamic,
                                          int limit) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!known(f)) return CUDA_ERROR_INVALID_HANDLE;
    int most = limit > 0 && limit < f->most_threads ? limit : f->most_threads, best = 0;
    *grid = *block = 0;
    for (int threads = most; threads > 0; threads = (threads - 1) / 32 * 32) {
        int n = resident_blocks(f, threads, dynamic_of ? dynamic_of(threads) : dynamic);
        if (n * threads <= best) continue;
        best = n * threads;
        *block = threads;
        *grid = n * device_multiprocessors();
    }
    return CUDA_SUCCESS;
}
CUresult cuOccupancyMaxPotentialBlockSizeWithFlags(int *grid, int *block, Function *f, size_t (*dynamic_of)(int),
                                                   size_t dynamic, int limit, unsigned) {
    return cuOccupancyMaxPotentialBlockSize(grid, block, f, dynamic_of, dynamic, limit);
}

CUresult cuLaunchKernel(Function *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                        unsigned shared, Stream *stream, void **arguments, void **extra) {
    Entry entry;
    if (entry.error) return entry.error;
    if (!known(f)) return CUDA_ERROR_INVALID_HANDLE;
    if (CUresult e = check_stream(entry.context, stream)) return e;
    if (extra) {
        complain("cuLaunchKernel: arguments packed into one buffer are not supported");
        return CUDA_ERROR_NOT_SUPPORTED;
    }
    uint3 grid = {gx, gy, gz}, block = {bx, by, bz};
    std::string why;
    if (CUresult e = check_launch(f, grid, block, shared, why)) {
        complain("launch of %s refused: %s", f->name.c_str(), why.c_str());
        return e;
    }
    // A pointer into the host's memory would work here, of all places. (Not so one inside of a struct.)
    for (unsigned long long rest = f->pointers; rest; rest &= rest - 1) {
        int i = __builtin_ctzll(rest);
        uintptr_t address = *(uintptr_t *)arguments[i];
        if (!address || !memory_is_host(address) || memory_is_pinned(address)) continue;
        complain("launch of %s: argument %d, 0x%zx, points into the host's memory", f->name.c_str(), i, (size_t)address);
        context_fail(entry.context, CUDA_ERROR_ILLEGAL_ADDRESS);
        return CUDA_SUCCESS;
    }
    trace("launch of %s<<<(%u,%u,%u), (%u,%u,%u), %u>>>", f->name.c_str(), gx, gy, gz, bx, by, bz, shared);
    Launch l = {f->name.c_str(), f->entry, arguments, grid, block, shared, f->statics_module, f->statics_bytes};
    // A kernel that goes wrong is not the launch's error: like on a GPU the next call tells.
    static bool blocking = setting("CUDA_LAUNCH_BLOCKING", 0) != 0;
    CUresult result = run_kernel(l);
    if (result) context_fail(entry.context, result);
    return blocking ? result : CUDA_SUCCESS;
}

CUresult cuLaunchCooperativeKernel(Function *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                                   Stream *, void **) {
    return CUDA_ERROR_NOT_SUPPORTED; // its blocks would have to run at the same time
}

// ---- the names of errors ---------------------------------------------------------------------------------------
struct ErrorName {
    CUresult code;
    const char *name, *text;
};
static const ErrorName error_names[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {217, "CUDA_ERROR_PEER_ACCESS_UNSUPPORTED", "peer access is not supported between these two devices"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {301, "CUDA_ERROR_FILE_NOT_FOUND", "file not found"},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {710, "CUDA_ERROR_ASSERT", "device-side assert triggered"},
    {712, "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED", "part or all of the requested memory range is already mapped"},
    {713, "CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED", "pointer does not correspond to a registered memory region"},
    {714, "CUDA_ERROR_HARDWARE_STACK_ERROR", "hardware stack error"},
    {716, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {801, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

CUresult cuGetErrorName(CUresult code, const char **name) {
    for (const ErrorName &one : error_names)
        if (one.code == code) return *name = one.name, CUDA_SUCCESS;
    *name = nullptr;
    return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult code, const char **text) {
    for (const ErrorName &one : error_names)
        if (one.code == code) return *text = one.text, CUDA_SUCCESS;
    *text = nullptr;
    return CUDA_ERROR_INVALID_VALUE;
}

} // extern "C"
