//! Where NVIDIA's libraries are: NVRTC, cuBLAS, cuFFT and cuSOLVER come with the toolkit or with Python's wheels, seldom on the loader's own path.
#![allow(unsafe_code)]

use crate::base::error::{Error, runtime};
use std::env;
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Loads a library from where it is found, so that its name alone finds it from then on. Nothing to do where the loader finds it itself.
///
/// # Errors
/// When it is nowhere, with a word on how to get it.
pub fn load(name: &str, wheel: &str, present: impl Fn() -> bool) -> Result<(), Error> {
    if present() {
        return Ok(());
    }
    for folder in folders() {
        // NVRTC looks for its own part by name alone.
        let parts = versions(&folder, &format!("{name}-builtins"));
        for path in parts.into_iter().chain(versions(&folder, name)) {
            let Ok(text) = CString::new(path.as_os_str().as_bytes()) else { continue };
            // SAFETY: NVIDIA's library initialises itself when it is loaded; the handle is kept for good.
            let handle = unsafe { libc::dlopen(text.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
            if !handle.is_null() && present() {
                return Ok(());
            }
        }
    }
    Err(runtime(format!("CUDA error: lib{name} is not on this machine")).help(format!(
        "`pip install {wheel}` brings it (it is looked for in LD_LIBRARY_PATH, CUDA_HOME, /usr/local/cuda and Python's \
         site-packages), or install the CUDA toolkit"
    )))
}

/// The library's files in a folder, the newest version first.
fn versions(folder: &Path, name: &str) -> Vec<PathBuf> {
    let start = format!("lib{name}.so");
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&start)))
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found
}

/// Folders that may hold NVIDIA's libraries, beside the loader's own.
fn folders() -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = Vec::new();
    let roots = ["CUDA_HOME", "CUDA_PATH", "CONDA_PREFIX"].iter().filter_map(env::var_os).map(PathBuf::from);
    for root in roots.chain(toolkits()) {
        out.extend(["lib64", "lib", "targets/x86_64-linux/lib"].map(|lib| root.join(lib)));
    }
    for packages in site_packages() {
        for wheel in children(&packages.join("nvidia"), |_| true) {
            out.push(wheel.join("lib"));
        }
    }
    out
}

/// The toolkits under `/usr/local`, the one without a version in its name first.
fn toolkits() -> Vec<PathBuf> {
    let mut found = children(Path::new("/usr/local"), |name| name == "cuda" || name.starts_with("cuda-"));
    found.sort();
    found
}

/// The folders that Python's packages are installed in: of the environment in force, the python on the path, the user and the system.
fn site_packages() -> Vec<PathBuf> {
    let mut prefixes: Vec<PathBuf> =
        ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(env::var_os).map(PathBuf::from).collect();
    for folder in env::var_os("PATH").iter().flat_map(env::split_paths) {
        let python = folder.join("python3");
        if python.exists() {
            prefixes.extend(folder.parent().map(Path::to_owned));
            let real = fs::canonicalize(&python).unwrap_or(python);
            prefixes.extend(real.parent().and_then(Path::parent).map(Path::to_owned));
        }
    }
    prefixes.extend(env::var_os("HOME").map(|home| Path::new(&home).join(".local")));
    prefixes.extend(["/usr/local", "/usr"].map(PathBuf::from));
    let mut out = Vec::new();
    for lib in prefixes.iter().flat_map(|prefix| [prefix.join("lib"), prefix.join("lib64")]) {
        for python in children(&lib, |name| name.starts_with("python3")) {
            out.extend(["site-packages", "dist-packages"].map(|p| python.join(p)));
        }
    }
    out
}

fn children(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|e| wanted(&e.file_name().to_string_lossy())).map(|e| e.path()).collect()
}
