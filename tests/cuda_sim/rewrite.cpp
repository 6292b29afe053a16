// A kernel's text becomes C++ for a host compiler. The text has been through the preprocessor, so comments and
// macros are gone; what is left of CUDA are the words __global__, __launch_bounds__ and __shared__:
//
//   extern "C" __global__ void NAME(...)   loses its linkage, and an entry that the driver can find is added at
//                                          the end of the text, in the namespace of the kernel;
//   __launch_bounds__(n)                   goes away; the entry tells n;
//   __shared__ T x[n];                     a variable of which each host thread has its own;
//   extern __shared__ T x[];               a pointer to the dynamic shared memory of the block.
//
// Replacements keep the lines as they are, so that messages name the right ones.
#include "rewrite.h"

#include <cctype>
#include <cstring>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace {

struct Token {
    size_t begin, end;
};

struct Edit {
    size_t begin, end;
    std::string text;
};

struct Scope {
    enum { space, linkage, other } kind;
    std::string name;
};

bool word_char(char c) { return isalnum((unsigned char)c) || c == '_'; }

struct Rewriter {
    const std::string &s;
    std::vector<Token> tokens;
    std::vector<Edit> edits;
    std::vector<Scope> scopes;
    std::string entries;
    std::set<std::string> seen;
    std::map<std::string, std::string> dynamic_names; // at namespace scope: variable -> what stands for it

    explicit Rewriter(const std::string &source) : s(source) {}

    std::string text(size_t i) const {
        return i < tokens.size() ? s.substr(tokens[i].begin, tokens[i].end - tokens[i].begin) : std::string();
    }
    bool is(size_t i, const char *word) const {
        size_t n = strlen(word);
        return i < tokens.size() && tokens[i].end - tokens[i].begin == n && !s.compare(tokens[i].begin, n, word);
    }
    void replace(size_t i, const std::string &with) { edits.push_back({tokens[i].begin, tokens[i].end, with}); }
    // Takes a range of tokens out, but keeps its line breaks.
    void erase(size_t from, size_t to) {
        std::string lines;
        for (size_t p = tokens[from].begin; p < tokens[to].end; p++)
            if (s[p] == '\n') lines += '\n';
        edits.push_back({tokens[from].begin, tokens[to].end, lines + " "});
    }

    size_t skip_quoted(size_t p) const {
        char quote = s[p++];
        while (p < s.size() && s[p] != quote) p += s[p] == '\\' ? 2 : 1;
        return p + 1;
    }

    void split() {
        size_t p = 0;
        bool line_start = true;
        while (p < s.size()) {
            char c = s[p];
            if (c == '\n') {
                line_start = true;
                p++;
            } else if (isspace((unsigned char)c)) {
                p++;
            } else if (c == '#' && line_start) {
                while (p < s.size() && s[p] != '\n') p++; // a line marker or a pragma
            } else {
                size_t b = p;
                line_start = false;
                if (c == 'R' && p + 1 < s.size() && s[p + 1] == '"') {
                    size_t open = s.find('(', p);
                    std::string close = ")" + s.substr(p + 2, open - p - 2) + "\"";
                    size_t at = s.find(close, open);
                    p = at == std::string::npos ? s.size() : at + close.size();
                } else if (word_char(c)) {
                    // A number may hold quotes between its digits, and a dot; that changes nothing here.
                    while (p < s.size() && word_char(s[p])) p++;
                    if (isdigit((unsigned char)c))
                        while (p < s.size() && (word_char(s[p]) || (s[p] == '\'' && word_char(s[p + 1])))) p++;
                } else if (c == '"' || c == '\'') {
                    p = skip_quoted(p);
                } else {
                    p++;
                }
                tokens.push_back({b, std::min(p, s.size())});
            }
        }
    }

    // The token that closes what token i opens.
    size_t closing(size_t i) const {
        int depth = 0;
        for (; i < tokens.size(); i++) {
            char c = s[tokens[i].begin];
            if (c == '(' || c == '[' || c == '{') depth++;
            if (c == ')' || c == ']' || c == '}')
                if (--depth == 0) return i;
        }
        return tokens.size() - 1;
    }

    bool takes_parentheses(size_t i) const {
        for (const char *w : {"__launch_bounds__", "__attribute__", "__maxnreg__", "__cluster_dims__", "__block_size__",
                              "alignas", "decltype", "__typeof__"})
            if (is(i, w) && is(i + 1, "(")) return true;
        return false;
    }

    bool outside_of_functions() const {
        for (const Scope &one : scopes)
            if (one.kind == Scope::other) return false;
        return true;
    }

    // extern __shared__ TYPE NAME [ ] ;   with token i at "extern" and `shared` at "__shared__"
    size_t dynamic_shared(size_t i, size_t shared) {
        size_t end = shared;
        while (end < tokens.size() && !is(end, ";")) end++;
        size_t bracket = shared;
        while (bracket < end && !is(bracket, "[")) bracket++;
        if (end >= tokens.size() || bracket < shared + 3) return i;
        std::string type, name = text(bracket - 1);
        for (size_t t = i + 1; t + 1 < bracket; t++) {
            if (t == shared) continue;
            if (takes_parentheses(t) && !is(t, "decltype") && !is(t, "__typeof__")) {
                t = closing(t + 1);
                continue;
            }
            type += text(t) + " ";
        }
        // More dimensions, as in T x[][8], make rows of a type of their own.
        size_t rest = closing(bracket) + 1;
        std::string pointer = "__typeof__(" + type + ")";
        if (rest < end) {
            std::string rows;
            for (size_t t = rest; t < end; t++) rows += text(t);
            pointer = "__typeof__(" + type + rows + ")";
        }
        erase(i, end);
        std::string value = "((" + pointer + " *)sim_me.shared)";
        if (outside_of_functions()) dynamic_names[name] = value;
        else edits.back().text += pointer + " *const " + name + " = " + value + ";";
        return end;
    }

    // Token i is __global__; `first` begins its declaration.
    void kernel(size_t first, size_t i) {
        bool c_linkage = false, is_static = false;
        for (const Scope &one : scopes) c_linkage = c_linkage || one.kind == Scope::linkage;
        std::string bounds;
        size_t open = i + 1;
        while (open < tokens.size() && !is(open, "(") && !is(open, ";") && !is(open, "{"))
            open = takes_parentheses(open) ? closing(open + 1) + 1 : open + 1;
        for (size_t t = first; t < open && t < tokens.size(); t++) {
            if (is(t, "extern") && is(t + 1, "\"C\"")) {
                c_linkage = true;
                erase(t, t + 1);
            }
            if (is(t, "static")) is_static = true;
            if (is(t, "__launch_bounds__") && is(t + 1, "(")) {
                size_t close = closing(t + 1);
                bounds = s.substr(tokens[t + 1].end, tokens[close].begin - tokens[t + 1].end);
            }
        }
        // A kernel of C++ linkage (a template, say) is left to itself: the driver could not find it by its name.
        replace(i, c_linkage && !is_static ? "static" : "");
        if (!c_linkage || open >= tokens.size() || !is(open, "(")) return;
        std::string name = text(open - 1), before, after;
        if (!seen.insert(name).second) return;
        for (const Scope &one : scopes) {
            if (one.kind != Scope::space || one.name.empty()) continue;
            before += "namespace " + one.name + " { ";
            after += " }";
        }
        std::replace(bounds.begin(), bounds.end(), '\n', ' ');
        entries += before + "extern \"C\" void sim_entry_" + name + "(void **p) { sim_call(" + name +
                   ", p); } extern \"C\" int sim_bound_" + name + "() { return sim_first(" + bounds + "); } extern \"C\" unsigned long long sim_pointers_" + name +
                   "() { return sim_pointers(" + name + "); }" + after + "\n";
    }

    void walk() {
        Scope next = {Scope::other, ""};
        size_t first = 0; // where the present declaration begins
        for (size_t i = 0; i < tokens.size(); i++) {
            if (is(i, "{")) {
                scopes.push_back(next);
                next = {Scope::other, ""};
                first = i + 1;
            } else if (is(i, "}")) {
                if (!scopes.empty()) scopes.pop_back();
                first = i + 1;
            } else if (is(i, ";")) {
                first = i + 1;
            } else if (is(i, "namespace") && !is(first, "using")) {
                std::string name;
                size_t t = i + 1;
                while (t < tokens.size() && !is(t, "{") && !is(t, ";") && !is(t, "=")) name += text(t++);
                if (is(t, "{")) {
                    next = {Scope::space, name};
                    i = t - 1;
                }
            } else if (is(i, "extern") && is(i + 1, "\"C\"") && is(i + 2, "{")) {
                next = {Scope::linkage, ""};
                i++;
            } else if (is(i, "extern")) {
                size_t t = i + 1;
                while (t < tokens.size() && t < i + 8 && !is(t, "__shared__") && !is(t, ";") && !is(t, "(")) t++;
                if (is(t, "__shared__")) i = dynamic_shared(i, t);
                if (is(i, ";")) first = i + 1;
            } else if (is(i, "__global__")) {
                kernel(first, i);
            } else if (is(i, "__shared__")) {
                if (is(i + 1, "static")) {
                    erase(i, i);
                    replace(++i, "static __thread");
                } else {
                    replace(i, i && is(i - 1, "static") ? "__thread" : "static __thread");
                }
            } else if (takes_parentheses(i) && !is(i, "__attribute__") && !is(i, "alignas") && !is(i, "decltype") &&
                       !is(i, "__typeof__")) {
                size_t close = closing(i + 1);
                erase(i, close);
                i = close;
            } else if (!dynamic_names.empty()) {
                auto found = dynamic_names.find(text(i));
                if (found != dynamic_names.end()) replace(i, found->second);
            }
        }
    }

    std::string result() {
        std::stable_sort(edits.begin(), edits.end(), [](const Edit &a, const Edit &b) { return a.begin < b.begin; });
        std::string out;
        size_t at = 0;
        for (const Edit &e : edits) {
            if (e.begin < at) continue; // inside of a part that is gone already
            out.append(s, at, e.begin - at);
            out += e.text;
            at = e.end;
        }
        out.append(s, at, std::string::npos);
        return out + "\n# 1 \"simulated-entries\"\n" + entries;
    }
};

} // namespace

std::string rewrite_kernels(const std::string &source) {
    Rewriter r(source);
    r.split();
    r.walk();
    return r.result();
}
