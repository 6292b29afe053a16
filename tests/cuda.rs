//! CUDA on the simulated device of `tests/cuda_sim`: the golden files once more, and what only a device has.

#[path = "common/cuda.rs"]
mod cuda;

use cuda::{folder, simulated, tensh};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

/// How many examples of a golden file say something else on a device, and why.
const OTHER_THERE: &[(&str, usize, &str)] = &[
    ("activations/activations.md", 1, "the last digit of erf"),
    ("arithmetic/complex_powers.md", 2, "the signs of zeros"),
    ("arithmetic/extremes.md", 2, "16-bit floats keep numbers and quotients unrounded to the end"),
    ("arithmetic/numbers-first.md", 1, "numbers alone make tensors of the host"),
    ("arithmetic/sixteen_bits.md", 3, "products are rounded with the sum, once"),
    ("arithmetic/special-methods.md", 1, "no products of integers, as in PyTorch"),
    ("arithmetic/zeros.md", 2, "which of two zeros is the larger is left open"),
    (
        "autograd/corners.md",
        2,
        "a number that is kept is a tensor of the host; the node of rms_norm's own kernel, as in PyTorch",
    ),
    ("autograd/dropout.md", 3, "names the node of the device's own kernel, as PyTorch does"),
    ("autograd/gradients_together.md", 4, "prints the device"),
    ("autograd/kept.md", 2, "arrays share the host's memory alone"),
    ("course/session.md", 5, "prints the device; arrays"),
    ("creation/conversion.md", 1, "prints the device"),
    ("creation/settings.md", 2, "tells whether there is a device"),
    ("creation/tensor_types.md", 2, "types that name the host"),
    ("errors/limits.md", 1, "a device's own words for no memory"),
    ("errors/order_of_arguments.md", 2, "an empty result asks for no look at indices; views where copies are made"),
    ("joining/rearranging.md", 1, "joins nothing"),
    ("language/names.md", 2, "goes to the host; a product of integers"),
    ("linalg/indefinite.md", 1, "a singular value that is but rounding"),
    ("linalg/solving.md", 3, "least squares know one driver there, as in PyTorch"),
    ("linalg/spectra.md", 4, "signs and phases of vectors are left open"),
    ("matmul/contractions.md", 1, "a product of integers"),
    ("matmul/products.md", 1, "a product of integers"),
    ("matmul/small_bits.md", 3, "the last bits of products"),
    ("nn/convolution.md", 5, "convolutions of integers"),
    ("nn/convolution_shapes.md", 12, "convolutions of integers"),
    ("numpy/sharing.md", 11, "arrays share the host's memory alone"),
    ("printing/containers.md", 1, "prints the device"),
    ("promotion/casts.md", 2, "goes to the host; a type's name"),
    ("sorting/search-count.md", 1, "which of equals is taken is left open"),
    ("sorting/ties.md", 5, "which of equals is taken is left open"),
    ("special/ranges.md", 11, "last digits of Bessel functions; the sign of a zero; 16-bit logits are rounded once"),
];

fn run(command: &mut Command) -> Output {
    command.output().expect("tensh runs")
}

/// What a script prints on the simulated device, and what it says on stderr.
fn say(code: &str) -> Option<(String, String)> {
    let simulated = simulated()?;
    let out = run(tensh(simulated).args(["--keep-going", "-c", code]));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Some((text(out.stdout), text(out.stderr)))
}

/// Runs golden files on the device; gives the report.
fn golden(simulated: &Path, paths: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = tensh(simulated);
    command.current_dir(root).arg("test").args(["--device", "cuda", "--color", "never"]).args(paths);
    String::from_utf8(run(&mut command).stdout).expect("UTF-8")
}

#[test]
fn the_simulated_device_is_sound() {
    let Some(simulated) = simulated() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cuda_sim/selftest.sh");
    let out = run(Command::new("bash").arg(script).arg(simulated));
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
}

#[test]
fn golden_files_pass_on_a_device() {
    let Some(simulated) = simulated() else { return };
    let report = golden(simulated, &["tests/golden"]);
    let mut failed: BTreeMap<&str, usize> = BTreeMap::new();
    for line in report.lines().filter_map(|line| line.strip_prefix("tests/golden/")) {
        *failed.entry(line.split(':').next().unwrap_or(line)).or_default() += 1;
    }
    let expected: BTreeMap<&str, usize> = OTHER_THERE.iter().map(|(file, count, _)| (*file, *count)).collect();
    assert!(failed == expected, "{failed:?}\ninstead of {expected:?}\n{report}");
}

#[test]
fn files_of_devices_pass_on_both() {
    let Some(simulated) = simulated() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cuda");
    let device = run(tensh(simulated).arg("test").args(["--color", "never"]).arg(&root));
    assert!(device.status.success(), "{}", String::from_utf8_lossy(&device.stdout));
    let host = run(Command::new(env!("CARGO_BIN_EXE_tensh")).arg("test").args(["--color", "never"]).arg(&root));
    assert!(host.status.success(), "{}", String::from_utf8_lossy(&host.stdout));
}

#[test]
fn no_two_threads_of_a_kernel_race() {
    let Some(simulated) = simulated() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cuda");
    // Kernels that look for races are others: they are kept apart.
    let mut command = tensh(simulated);
    command.env("SIMCUDA_RACES", "1").env("XDG_CACHE_HOME", folder("cuda_races_cache"));
    let out = run(command.args(["test", "--color", "never"]).arg(&root));
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
}

#[test]
fn a_chain_and_its_sum_are_one_launch_and_move_nothing() {
    let code = "import torch\na = torch.arange(1000., device='cuda')\nb = ((a * 2 + 1).exp().sin() - a).sum()\n\
                print(b.device, torch.cuda.memory_allocated())";
    let Some((out, err)) = say(code) else { return };
    assert_eq!((&out[..], &err[..]), ("cuda:0 4608\n", ""));
}

#[test]
fn what_has_no_form_on_a_device_says_so_once_or_is_refused() {
    // cuSOLVER has no factorization of indefinite Hermitian matrices.
    let code = "import torch\na = torch.eye(2, dtype=torch.complex64, device='cuda') * 2\n\
                d = torch.linalg.ldl_factor(a, hermitian=True)\nd = torch.linalg.ldl_factor(a, hermitian=True)\nd.pivots";
    let Some((out, err)) = say(code) else { return };
    assert_eq!(out, "tensor([1, 2], device='cuda:0', dtype=torch.int32)\n");
    assert_eq!(
        err.lines().filter(|l| l.starts_with("note: ") && l.contains("ran on the CPU; moved")).count(),
        1,
        "{err}"
    );
    let simulated = simulated().expect("it was there");
    let strict = run(tensh(simulated).args(["--strict-device", "-c", code]));
    assert!(String::from_utf8_lossy(&strict.stderr).contains("has no form for cuda:0"), "{strict:?}");
}

#[test]
fn memory_that_is_not_there_is_an_error_and_nothing_is_lost() {
    let code = "import torch\na = torch.ones(1000, device='cuda')\nbefore = torch.cuda.memory_allocated()\n\
                b = torch.empty(1 << 40, device='cuda')\nprint(torch.cuda.memory_allocated() == before, a.sum())";
    let Some((out, err)) = say(code) else { return };
    assert_eq!(out, "True tensor(1000., device='cuda:0')\n");
    assert!(
        err.starts_with(
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 4096.00 GiB. GPU 0 has a total capacity"
        ),
        "{err}"
    );
}

#[test]
fn the_allocator_holds_no_more_than_its_share() {
    let code = "import torch\ntorch.cuda.set_per_process_memory_fraction(0.01)\na = torch.ones(2, device='cuda')\n\
                b = torch.empty(1 << 26, device='cuda')\ntorch.cuda.set_per_process_memory_fraction(1.0)\n\
                b = torch.empty(1 << 26, device='cuda')\nprint(torch.cuda.memory_stats_as_nested_dict()['allocation']['all'])";
    let Some((out, err)) = say(code) else { return };
    assert_eq!(out, "{'allocated': 2, 'current': 2, 'freed': 0, 'peak': 2}\n");
    assert!(
        err.contains("of which 4.00 GiB is free. 40.96 MiB allowed; Of the allocated memory 512 bytes is"),
        "{err}"
    );
}

#[test]
fn a_formula_that_meets_the_end_of_memory_does_not_go_on_elsewhere() {
    let code = "import torch\na = torch.arange(16.).reshape(4, 4).to('cuda').sin()\n\
                total = torch.cuda.get_device_properties(0).total_memory\n\
                torch.cuda.set_per_process_memory_fraction(2 * 2 ** 20 / total)\n\
                rest = [torch.empty(n, dtype=torch.uint8, device='cuda') for n in (2 ** 19, 2 ** 20 - 1024, 2 ** 19 - 1024)]\n\
                before = torch.cuda.memory_allocated()\n\
                for f in (torch.linalg.matrix_exp, torch.linalg.pinv):\n    \
                try:\n        f(a)\n    except torch.OutOfMemoryError:\n        print(torch.cuda.memory_allocated() == before)";
    let Some((out, err)) = say(code) else { return };
    assert_eq!((out.as_str(), err.as_str()), ("True\nTrue\n", ""));
}

#[test]
fn what_nodes_keep_on_the_host_leaves_the_device() {
    let code = "import torch\nx = torch.ones(1000, device='cuda', requires_grad=True)\n\
                before = torch.cuda.memory_allocated()\nwith torch.autograd.graph.save_on_cpu():\n    y = (x * 3).exp().sin().sum()\n\
                print(torch.cuda.memory_allocated() - before)\ny.backward()\nprint(x.grad.device)";
    let Some((out, _)) = say(code) else { return };
    assert_eq!(out, "512\ncuda:0\n");
}

#[test]
fn a_kernel_cache_that_is_broken_is_made_anew() {
    let Some(simulated) = simulated() else { return };
    let cache = folder("cuda_broken_cache");
    let _ = std::fs::remove_dir_all(&cache);
    let go = || {
        run(tensh(simulated)
            .env("XDG_CACHE_HOME", &cache)
            .args(["-c", "import torch\ntorch.arange(3, device='cuda') * 2"]))
    };
    let first = go();
    let kernels: Vec<_> = std::fs::read_dir(cache.join("tensh/kernels")).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(!kernels.is_empty());
    for (i, path) in kernels.iter().enumerate() {
        let mut bytes = std::fs::read(path).unwrap();
        match i % 3 {
            0 => bytes.truncate(bytes.len() / 2),
            1 => bytes.clear(),
            _ => bytes[20] ^= 1,
        }
        std::fs::write(path, bytes).unwrap();
    }
    let second = go();
    assert_eq!(first.stdout, b"tensor([0, 2, 4], device='cuda:0')\n");
    assert_eq!((first.stdout, first.stderr), (second.stdout, second.stderr));
}

#[test]
fn without_a_device_nothing_changes() {
    let Some(simulated) = simulated() else { return };
    let code = "import torch\nprint(torch.cuda.is_available(), torch.cuda.device_count())\ntorch.ones(2).cuda()";
    let out = run(tensh(simulated).env("SIMCUDA_DEVICES", "0").args(["-c", code]));
    assert_eq!(String::from_utf8_lossy(&out.stdout), "False 0\n");
    assert!(String::from_utf8_lossy(&out.stderr).starts_with("RuntimeError: No CUDA GPUs are available"), "{out:?}");
    let two = run(tensh(simulated).env("SIMCUDA_DEVICES", "2").args([
        "-c",
        "import torch\na = torch.ones(2, device='cuda:1')\nprint(a + 1, a.to('cuda:0').device)\na + a.cuda(0)",
    ]));
    assert_eq!(String::from_utf8_lossy(&two.stdout), "tensor([2., 2.], device='cuda:1') cuda:0\n");
    assert!(String::from_utf8_lossy(&two.stderr).contains("found at least two devices, cuda:1 and cuda:0!"), "{two:?}");
}

/// Every factorization, what is made of them, and the gradients.
const FACTORIZATIONS: &str = "
import torch
L, D = torch.linalg, 'cuda'
for dtype in (torch.float32, torch.complex128):
    x = (torch.arange(18, device=D).reshape(2, 3, 3) % 7 + 4 * torch.eye(3, device=D)).to(dtype)
    b, wide = x[:, :, :2].contiguous(), x[:, :2]
    p = x @ x.mH
    for a in (x, x[0]):
        a = a.clone().requires_grad_()
        q, h = a @ a.mH, (a + a.mH) / 2
        outs = [L.inv(a), L.det(a), *L.slogdet(a), torch.logdet(q), L.solve(a, a), L.cholesky(q), *L.qr(a), L.svdvals(a), L.eigvalsh(h), L.eigh(h)[0]]
        outs += [abs(L.eigh(h)[1]), abs(L.svd(a)[0]), L.eigvals(a), abs(L.eig(a)[1]), L.pinv(a), L.matrix_exp(a), *L.lu(a)[1:], L.lu_factor(a)[0]]
        outs += [L.solve_triangular(a, a, upper=True, left=False), torch.cholesky_solve(a, q), torch.cholesky_inverse(q), L.matrix_norm(a, 'nuc')]
        outs += [L.cond(a), L.cond(a, 1), L.norm(a, 2, dim=(-2, -1)), L.matrix_power(a, -3), L.lstsq(a, a).solution, torch.triangular_solve(a, a)[0]]
        outs += [L.householder_product(a, a[..., 0]), torch.ormqr(a, a[..., 0], a), L.inv_ex(a)[0], L.cholesky_ex(q)[0], L.solve_ex(a, a)[0]]
        sum([(abs(t) ** 2).sum() for t in outs]).backward()
    rest = [L.matrix_rank(x), L.matrix_rank(p, hermitian=True), L.pinv(p, hermitian=True), L.lstsq(wide, wide), L.lstsq(b, b), torch.geqrf(wide)]
    rest = [L.ldl_factor_ex(p), L.ldl_solve(*L.ldl_factor(x + x.mT), b), L.lu_solve(*L.lu_factor(x), b, adjoint=True), torch.svd(wide), L.qr(b, 'complete')]
    rest = [torch.lu_unpack(*L.lu_factor(wide)), L.tensorinv(x[0], 1), L.tensorsolve(x[0], b[0, :, 0]), torch.svd_lowrank(x, q=2), L.eig(x.expand(2, 2, 3, 3))]
    print(dtype)
";

#[test]
fn factorizations_and_their_gradients_move_nothing() {
    let Some(simulated) = simulated() else { return };
    let out = run(tensh(simulated).args(["--strict-device", "-c", FACTORIZATIONS]));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!((&text(&out.stdout)[..], &text(&out.stderr)[..]), ("torch.float32\ntorch.complex128\n", ""));
}

#[test]
fn what_pytorch_has_on_a_gpu_alone() {
    let code = "import torch\nL = torch.linalg\na = torch.tensor([[1., 2], [3, 4], [5, 6]], device='cuda')\n\
                for driver in ('gesvd', 'gesvda', 'gesvdj', None):\n\
                \x20   for x in (a, a.t(), torch.stack([a, a + 1j]), torch.stack([a[:2], a[1:]])):\n\
                \x20       for full in (True, False):\n\
                \x20           if driver == 'gesvda' and full: continue\n\
                \x20           u, s, v = L.svd(x, full, driver=driver)\n\
                \x20           k = s.size(-1)\n\
                \x20           if not torch.allclose((u[..., :k] * s.unsqueeze(-2)) @ v[..., :k, :], x, atol=1e-5): print(driver, x.shape, full)\n\
                \x20       if not torch.allclose(L.svdvals(x, driver=driver), s): print(driver, x.shape)\n\
                p, l, u = L.lu(a, pivot=False)\nprint(p.shape, torch.allclose(l @ u, a), L.lu_factor(a, pivot=False)[1].cpu())\n\
                print(L.lu_factor_ex(torch.stack([a[:2], 0 * a[:2]]), pivot=False)[2].cpu())\n\
                print(L.lstsq(a, a[:, :1]).residuals.shape)";
    let Some((out, err)) = say(code) else { return };
    let expected =
        "torch.Size([0]) True tensor([1, 2], dtype=torch.int32)\ntensor([0, 1], dtype=torch.int32)\ntorch.Size([1])\n";
    assert_eq!((&out[..], &err[..]), (expected, ""));
}
