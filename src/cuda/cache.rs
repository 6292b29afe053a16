//! Compiled kernels on disk, by content, architecture and compiler: a file each, rebuilt where it is not what was written.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::PathBuf;

/// What a file begins with: whose it is, and how it is laid out.
const MAGIC: &[u8; 8] = b"tenshk01";

/// Two hashes of what tells one kernel from another.
fn key(parts: &[&str]) -> (u64, u64) {
    let hash = |seed: u64| {
        let mut h = DefaultHasher::new();
        (seed, parts).hash(&mut h);
        h.finish()
    };
    (hash(0x7465_6e73), hash(0x6b65_726e))
}

fn check(bytes: &[u8]) -> u64 {
    let mut h = DefaultHasher::new();
    bytes.hash(&mut h);
    h.finish()
}

/// `$XDG_CACHE_HOME/tensh/kernels`, or the place in the home folder that it stands for.
fn folder() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let root = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(root.join("tensh").join("kernels"))
}

fn path(parts: &[&str]) -> Option<PathBuf> {
    let (a, b) = key(parts);
    Some(folder()?.join(format!("{a:016x}{b:016x}")))
}

/// What was kept under a key, if it is whole.
pub fn get(parts: &[&str]) -> Option<Vec<u8>> {
    let mut file = fs::read(path(parts)?).ok()?;
    let code = file.get(16..)?;
    let whole = file[..8] == *MAGIC && file[8..16] == check(code).to_le_bytes();
    whole.then(|| file.split_off(16))
}

/// Keeps code under a key. Where nothing can be written, it is compiled anew next time.
pub fn put(parts: &[&str], code: &[u8]) {
    let Some(path) = path(parts) else { return };
    let write = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder)?;
        // Written aside and then renamed, so that another process never sees half a file.
        let aside = path.with_extension(std::process::id().to_string());
        let mut file = fs::File::create(&aside)?;
        file.write_all(MAGIC)?;
        file.write_all(&check(code).to_le_bytes())?;
        file.write_all(code)?;
        drop(file);
        fs::rename(&aside, &path)
    };
    let _ = write();
}
