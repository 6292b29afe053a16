//! Random numbers on a GPU, bit for bit those of torch's CUDA generator: Philox 4x32-10 with cuRAND's arithmetic, each element drawn by
//! the thread that draws it there. How elements fall to threads depends on how many threads the device holds at once.

mod bernoulli;
mod distribution;
mod draw;
mod dropout;
mod generator;
mod multinomial;
mod normal;
mod permutation;
mod samples;

pub use bernoulli::bernoulli_each;
pub use distribution::Distribution;
pub use draw::{fill, filled};
pub use dropout::{dropout, native_dropout, noisy};
pub use generator::{Generator, Snapshot, default_generator, restore, seed_all, snapshot};
pub use multinomial::multinomial;
pub use normal::normal;
pub use permutation::randperm;
pub use samples::{binomial, dirichlet, gamma, poisson, slopes};
