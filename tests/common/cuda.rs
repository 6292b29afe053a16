//! The simulated CUDA device, built once for all tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A folder of this build's.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// The folder of the stand-ins for NVIDIA's libraries; none, and a word why, where there is no compiler to build them with.
pub fn simulated() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let out = folder("cuda_sim");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cuda_sim/build.sh");
        let status = Command::new("bash").arg(script).arg(&out).status();
        match status.map(|s| s.code()) {
            Ok(Some(0)) => Some(out),
            Ok(Some(77)) | Err(_) => {
                eprintln!("skipped: the simulated CUDA device is built with g++, which is not here");
                None
            }
            other => panic!("tests/cuda_sim/build.sh: {other:?}"),
        }
    });
    built.as_deref()
}

/// tensh on the simulated device.
pub fn tensh(simulated: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tensh"));
    command
        .env("LD_LIBRARY_PATH", simulated)
        .env("XDG_CACHE_HOME", folder("cuda_cache"))
        .env("SIMCUDA_CACHE", folder("cuda_sim_cache"))
        .env("NO_COLOR", "1");
    command
}
