// A stand-in for NVRTC: compiles CUDA C with g++ into a shared library that the simulated driver loads. What it
// gives back as "PTX" or "CUBIN" is a short text that names the library.
//
// A program is preprocessed, rewritten (rewrite.cpp) and compiled. The library's name is a hash of everything
// that went into it, so a program is compiled once, and processes that do it at the same time do no harm.
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rewrite.h"

extern char **environ;

// The headers that every kernel begins with, put here by build.sh.
__asm__(".section .rodata\n"
        "sim_prelude:\n"
        ".incbin \"" SIM_PRELUDE "\"\n"
        ".byte 0\n"
        ".previous\n");
extern "C" const char sim_prelude[] __attribute__((visibility("hidden")));

enum {
    NVRTC_SUCCESS = 0,
    NVRTC_ERROR_INVALID_INPUT = 3,
    NVRTC_ERROR_INVALID_PROGRAM = 4,
    NVRTC_ERROR_INVALID_OPTION = 5,
    NVRTC_ERROR_COMPILATION = 6,
    NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION = 9,
    NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID = 10,
    NVRTC_ERROR_INTERNAL_ERROR = 11,
};

struct Program {
    std::string source, name;
    std::vector<std::pair<std::string, std::string>> headers; // name, text
    std::string log, ptx, cubin;
};

namespace {

const int architectures[] = {75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};
const char marker[] = "sim_the_source_begins_here";

struct Options {
    int arch = 75;
    bool real = false; // sm_NN, not compute_NN: then there is a CUBIN too
    std::string standard = "-std=c++17";
    std::vector<std::string> preprocessor;
    std::string wrong;
};

std::string quoted(const std::string &text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

// If `option` is one of the names, its value (after "=", or the next argument) is put in `value`.
bool takes(const std::vector<std::string> &all, size_t &i, std::initializer_list<const char *> names, std::string &value) {
    for (const char *name : names) {
        size_t n = strlen(name);
        if (all[i].compare(0, n, name)) continue;
        bool one_letter = n == 2;
        if (all[i].size() > n && all[i][n] == '=') value = all[i].substr(n + 1);
        else if (all[i].size() > n && one_letter) value = all[i].substr(n);
        else if (all[i].size() == n && i + 1 < all.size()) value = all[++i];
        else continue;
        return true;
    }
    return false;
}

Options read_options(const std::vector<std::string> &all) {
    Options o;
    for (size_t i = 0; i < all.size() && o.wrong.empty(); i++) {
        std::string v;
        if (takes(all, i, {"--gpu-architecture", "-arch"}, v)) {
            size_t digits = v.find_first_of("0123456789");
            o.real = v.compare(0, 3, "sm_") == 0;
            o.arch = digits == std::string::npos ? 0 : atoi(v.c_str() + digits);
            bool known = o.real || v.compare(0, 8, "compute_") == 0, found = false;
            for (int a : architectures) found = found || a == o.arch;
            if (!known || !found) o.wrong = "nvrtc: error: invalid value for --gpu-architecture (-arch)\n";
        } else if (takes(all, i, {"--define-macro", "-D"}, v)) {
            o.preprocessor.push_back("-D" + v);
        } else if (takes(all, i, {"--undefine-macro", "-U"}, v)) {
            o.preprocessor.push_back("-U" + v);
        } else if (takes(all, i, {"--include-path", "-I"}, v)) {
            o.preprocessor.push_back("-I" + v);
        } else if (takes(all, i, {"--pre-include", "-include"}, v)) {
            o.preprocessor.push_back("-include");
            o.preprocessor.push_back(v);
        } else if (takes(all, i, {"--std", "-std"}, v)) {
            if (v == "c++20") o.standard = "-std=c++20";
        } else {
            // What changes only how fast or how exact the code of a GPU would be.
            std::string bare = all[i].substr(0, all[i].find('='));
            while (!bare.empty() && bare[0] == '-') bare.erase(0, 1);
            bool harmless = false;
            for (const char *name :
                 {"fmad", "ftz", "prec-sqrt", "prec-div", "use_fast_math", "extra-device-vectorization", "G", "device-debug",
                  "lineinfo", "generate-line-info", "maxrregcount", "restrict", "w", "disable-warnings", "default-device",
                  "device-as-default-execution-space", "device-int128", "rdc", "relocatable-device-code", "dopt",
                  "no-source-include", "minimal", "diag-suppress", "diag-error", "diag-warn", "display-error-number",
                  "no-display-error-number", "split-compile", "ewp", "extensible-whole-program", "modify-stack-limit",
                  "builtin-move-forward", "builtin-initializer-list", "brief-diagnostics", "Wno-deprecated-gpu-targets"})
                harmless = harmless || bare == name;
            if (takes(all, i, {"--ptxas-options", "-Xptxas"}, v)) harmless = true;
            if (!harmless) o.wrong = "nvrtc: error: unrecognized option " + all[i] + " found\n";
        }
    }
    return o;
}

// Two runs of FNV-1a with different starts, in hexadecimal.
std::string hash(const std::string &text) {
    unsigned long long a = 14695981039346656037ull, b = 0x9E3779B97F4A7C15ull;
    for (unsigned char c : text) {
        a = (a ^ c) * 1099511628211ull;
        b = (b ^ (c + 0x51)) * 1099511628211ull;
    }
    char out[40];
    snprintf(out, sizeof out, "%016llx%016llx", a, b);
    return out;
}

std::string read_file(const std::string &path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

bool write_file(const std::string &path, const std::string &text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    return out.good();
}

void make_folders(const std::string &path) {
    for (size_t p = 1; p <= path.size(); p++)
        if (p == path.size() || path[p] == '/') mkdir(path.substr(0, p).c_str(), 0777);
}

std::string cache_folder() {
    const char *own = getenv("SIMCUDA_CACHE"), *temporary = getenv("TMPDIR");
    std::string path = own && *own ? own : std::string(temporary && *temporary ? temporary : "/tmp") + "/simcuda-cache-" + std::to_string(getuid());
    make_folders(path);
    return path;
}

// Where this library lies: libcuda.so, which kernels are linked with, lies next to it.
std::string own_folder() {
    Dl_info info;
    if (!dladdr((void *)&sim_prelude, &info)) return ".";
    std::string path = info.dli_fname;
    size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

// Runs a command, its messages into a file; -1 if it could not be started.
int run(const std::vector<std::string> &command, const std::string &messages) {
    std::vector<char *> arguments, environment;
    for (const std::string &one : command) arguments.push_back((char *)one.c_str());
    arguments.push_back(nullptr);
    // Messages in plain English letters; and the libraries of the simulation must not be preloaded by g++.
    for (char **e = environ; *e; e++)
        if (strncmp(*e, "LC_", 3) && strncmp(*e, "LANG", 4) && strncmp(*e, "LD_", 3)) environment.push_back(*e);
    environment.push_back((char *)"LC_ALL=C");
    environment.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 2, messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&files, 2, 1);
    pid_t child;
    int failed = posix_spawnp(&child, arguments[0], &files, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&files);
    if (failed) return -1;
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

// g++ writes "name:12:5: error: ..."; NVRTC writes "name(12): error: ...", and that comes first.
std::string as_nvrtc_writes(const std::string &log, const std::string &name) {
    std::stringstream in(log);
    std::string line, out;
    while (std::getline(in, line)) {
        size_t n = name.size(), p;
        if (!line.compare(0, n, name) && line.size() > n && line[n] == ':' && isdigit((unsigned char)line[n + 1])) {
            for (p = n + 1; p < line.size() && isdigit((unsigned char)line[p]);) p++;
            std::string number = line.substr(n + 1, p - n - 1);
            if (p < line.size() && line[p] == ':' && isdigit((unsigned char)line[p + 1]))
                for (p++; p < line.size() && isdigit((unsigned char)line[p]);) p++;
            line = name + "(" + number + ")" + line.substr(p);
        }
        // "name: In function ...:" only says where the next line is.
        else if (!line.compare(0, n, name) && !line.empty() && line.back() == ':') continue;
        out += line + "\n";
    }
    return out;
}

bool looks_for_races() {
    const char *asked = getenv("SIMCUDA_RACES");
    return asked && *asked && strcmp(asked, "0") != 0;
}

int build(Program *program, const Options &o, const std::string &work, const std::string &library) {
    const char *chosen = getenv("SIMCUDA_CXX");
    std::string compiler = chosen && *chosen ? chosen : "g++";
    std::string cu = work + "/kernel.cu", ii = work + "/kernel.ii", so = work + "/kernel.so", messages = work + "/log";
    for (auto &header : program->headers) {
        std::string path = work + "/include/" + header.first;
        make_folders(path.substr(0, path.rfind('/')));
        write_file(path, header.second);
    }
    write_file(cu, std::string(sim_prelude) + "\n" + marker + "\n#line 1 " + quoted(program->name) + "\n" + program->source + "\n");

    std::vector<std::string> first = {compiler, "-E", "-x", "c++", o.standard, "-w", "-nostdinc", "-I" + work + "/include",
                                      "-D__CUDACC__", "-D__CUDACC_RTC__", "-D__CUDACC_VER_MAJOR__=13", "-D__CUDACC_VER_MINOR__=0",
                                      "-D__CUDA_ARCH__=" + std::to_string(o.arch * 10), "-DSIMCUDA=1"};
    first.insert(first.end(), o.preprocessor.begin(), o.preprocessor.end());
    first.insert(first.end(), {cu, "-o", ii});
    int status = run(first, messages);
    if (status == 0) {
        std::string text = read_file(ii);
        size_t at = text.find(marker);
        if (at == std::string::npos) return NVRTC_ERROR_INTERNAL_ERROR;
        size_t after = at + strlen(marker);
        write_file(ii, text.substr(0, at) + rewrite_kernels(text.substr(after)));
        // Without unique symbols: a function's __shared__ variables are those of its own kernel, not of the first one that has any
        // of their name.
        std::vector<std::string> second = {
            compiler, "-fno-gnu-unique", "-x", "c++-cpp-output", o.standard, "-shared", "-fPIC", "-O1", "-w", "-ffp-contract=off",
            "-fno-math-errno", "-fno-trapping-math", "-fno-builtin", "-fno-strict-aliasing", "-fwrapv", "-fno-exceptions",
            "-fno-rtti", "-fno-asynchronous-unwind-tables", "-fno-threadsafe-statics", "-fno-semantic-interposition",
            "-fsanitize=alignment,bounds,integer-divide-by-zero,shift-exponent", "-fno-sanitize-recover=all",
            "-fdiagnostics-color=never", ii, "-x", "none", "-Wl,-Bsymbolic", "-Wl,--no-undefined", "-nodefaultlibs",
            own_folder() + "/libcuda.so", "-lm", "-lc", "-lgcc", "-o", so};
        // What is called at each access is in the driver's races.cpp, not in a library of the compiler.
        if (looks_for_races())
            second.insert(second.end() - 2, {"-g1", "-fsanitize=thread", "--param=tsan-distinguish-volatile=1",
                                             "--param=tsan-instrument-func-entry-exit=0"});
        status = run(second, messages);
    }
    program->log = as_nvrtc_writes(read_file(messages), program->name);
    if (status < 0) {
        program->log = "nvrtc: error: the simulated NVRTC could not run " + compiler + "\n";
        return NVRTC_ERROR_INTERNAL_ERROR;
    }
    if (status) return NVRTC_ERROR_COMPILATION;
    return rename(so.c_str(), library.c_str()) ? NVRTC_ERROR_INTERNAL_ERROR : NVRTC_SUCCESS;
}

void remove_folder(const std::string &path) {
    // A handful of files in a folder that mkdtemp made.
    run({"rm", "-rf", path}, "/dev/null");
}

int compile(Program *program, const std::vector<std::string> &arguments) {
    program->log = program->ptx = program->cubin = "";
    Options o = read_options(arguments);
    if (!o.wrong.empty()) {
        program->log = o.wrong;
        return NVRTC_ERROR_INVALID_OPTION;
    }
    // The parts are kept apart by a character that none of them holds.
    // When this file was built stands for how it compiles.
    std::string everything = std::string(sim_prelude) + '\0' + __DATE__ __TIME__ + '\0' + __VERSION__ + '\0' + program->name + '\0' + program->source;
    for (auto &header : program->headers) everything += '\0' + header.first + '\0' + header.second;
    for (const std::string &one : arguments) everything += '\0' + one;
    if (looks_for_races()) everything += '\0' + std::string("races");
    std::string name = hash(everything), cache = cache_folder(), library = cache + "/" + name + ".so";
    // The texts as they came, for whoever wants to see them compiled by the real one.
    if (const char *texts = getenv("SIMCUDA_TEXTS")) {
        std::ofstream text(std::string(texts) + "/" + name + ".cu");
        text << program->source;
    }
    if (access(library.c_str(), R_OK)) {
        std::string work = cache + "/build-XXXXXX";
        if (!mkdtemp(&work[0])) {
            program->log = "nvrtc: error: the simulated NVRTC cannot write to " + cache + "\n";
            return NVRTC_ERROR_INTERNAL_ERROR;
        }
        int result = build(program, o, work, library);
        const char *keep = getenv("SIMCUDA_KEEP");
        if (keep && *keep) program->log += "files kept in " + work + "\n";
        else remove_folder(work);
        if (result) return result;
    }
    std::string image = "\n// arch " + std::to_string(o.arch) + "\n// library " + library + "\n// end\n";
    program->ptx = "// simcuda image\n// kind ptx" + image;
    if (o.real) program->cubin = "// simcuda image\n// kind cubin" + image;
    return NVRTC_SUCCESS;
}

int give_size(const std::string &text, size_t *size, bool may_lack) {
    if (text.empty() && !may_lack) return NVRTC_ERROR_INVALID_PROGRAM;
    *size = text.empty() ? 0 : text.size() + 1;
    return NVRTC_SUCCESS;
}

int give(const std::string &text, char *out) {
    if (text.empty()) return NVRTC_ERROR_INVALID_PROGRAM;
    memcpy(out, text.c_str(), text.size() + 1);
    return NVRTC_SUCCESS;
}

} // namespace

extern "C" {

int nvrtcVersion(int *major, int *minor) {
    *major = 13;
    *minor = 0;
    return NVRTC_SUCCESS;
}

int nvrtcGetNumSupportedArchs(int *n) {
    *n = (int)(sizeof architectures / sizeof *architectures);
    return NVRTC_SUCCESS;
}

int nvrtcGetSupportedArchs(int *all) {
    memcpy(all, architectures, sizeof architectures);
    return NVRTC_SUCCESS;
}

int nvrtcCreateProgram(Program **program, const char *source, const char *name, int headers, const char *const *texts,
                       const char *const *names) {
    if (!program || !source || headers < 0) return NVRTC_ERROR_INVALID_INPUT;
    Program *p = new Program;
    p->source = source;
    p->name = name && *name ? name : "default_program";
    for (int i = 0; i < headers; i++) p->headers.push_back({names[i], texts[i]});
    *program = p;
    return NVRTC_SUCCESS;
}

int nvrtcDestroyProgram(Program **program) {
    if (!program || !*program) return NVRTC_ERROR_INVALID_PROGRAM;
    delete *program;
    *program = nullptr;
    return NVRTC_SUCCESS;
}

int nvrtcCompileProgram(Program *program, int n, const char *const *options) {
    if (!program) return NVRTC_ERROR_INVALID_PROGRAM;
    return compile(program, std::vector<std::string>(options, options + n));
}

int nvrtcGetProgramLogSize(Program *program, size_t *size) {
    if (!program) return NVRTC_ERROR_INVALID_PROGRAM;
    *size = program->log.size() + 1;
    return NVRTC_SUCCESS;
}

int nvrtcGetProgramLog(Program *program, char *log) {
    if (!program) return NVRTC_ERROR_INVALID_PROGRAM;
    memcpy(log, program->log.c_str(), program->log.size() + 1);
    return NVRTC_SUCCESS;
}

int nvrtcGetPTXSize(Program *p, size_t *size) { return p ? give_size(p->ptx, size, false) : NVRTC_ERROR_INVALID_PROGRAM; }
int nvrtcGetPTX(Program *p, char *out) { return p ? give(p->ptx, out) : NVRTC_ERROR_INVALID_PROGRAM; }
// A virtual architecture gives no machine code, which is no error.
int nvrtcGetCUBINSize(Program *p, size_t *size) { return p ? give_size(p->cubin, size, true) : NVRTC_ERROR_INVALID_PROGRAM; }
int nvrtcGetCUBIN(Program *p, char *out) { return p ? give(p->cubin, out) : NVRTC_ERROR_INVALID_PROGRAM; }

int nvrtcAddNameExpression(Program *, const char *) { return NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID; }
int nvrtcGetLoweredName(Program *, const char *, const char **) { return NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION; }

const char *nvrtcGetErrorString(int result) {
    static const char *const names[] = {
        "NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE", "NVRTC_ERROR_INVALID_INPUT",
        "NVRTC_ERROR_INVALID_PROGRAM", "NVRTC_ERROR_INVALID_OPTION", "NVRTC_ERROR_COMPILATION",
        "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE", "NVRTC_ERROR_NO_NAME_EXPRESSIONS_AFTER_COMPILATION",
        "NVRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION", "NVRTC_ERROR_NAME_EXPRESSION_NOT_VALID",
        "NVRTC_ERROR_INTERNAL_ERROR"};
    return result >= 0 && result < 12 ? names[result] : "NVRTC_ERROR unknown";
}

} // extern "C"
