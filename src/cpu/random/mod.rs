//! Random numbers, bit for bit those of torch's CPU generator.
//!
//! Every function takes the generator it draws from; [`default_generator`] is the one of a call that names none. Numbers are
//! drawn one after the other, in the order of the written tensor's memory, so threads never change them.

mod binomial;
mod box_muller;
mod continuous;
mod discrete;
mod dropout;
mod gamma;
mod gamma_slope;
mod generator;
mod integer;
pub mod mt19937;
mod multinomial;
mod normal;
#[cfg(test)]
mod tests;
mod uniform;
mod walk;
mod words;

pub use continuous::{cauchy_, exponential_, log_normal_};
pub use discrete::{bernoulli, bernoulli_, bernoulli_each, binomial, geometric_, poisson, probability};
pub use dropout::{Dropout, native_dropout, rrelu_noise};
pub use gamma::{sample_dirichlet, standard_gamma};
pub use gamma_slope::standard_gamma_grad;
pub use generator::{DEFAULT_SEED, Generator, default_generator, entropy};
pub use integer::{between, check_count, from_on, randint, random_, random_between, random_from, randperm};
pub use multinomial::multinomial;
pub use normal::{Parameter, normal, normal_, randn};
pub use uniform::{check_bounds, parts, rand, uniform_};
