//! The rarer distributions of `random`, its state, and `random.Random`: a generator of one's own.

use super::random::{Twister, swap, with};
use crate::base::error::{type_error, value_error};
use crate::eval::args::Args;
use crate::eval::builtin::Builtin;
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use std::any::Any;
use std::cell::RefCell;
use std::f64::consts::{E, PI, TAU};
use std::rc::Rc;

builtin_table! {
    /// Distributions, and the state of the generator.
    TABLE of "random" {
        "triangular" ("low=0.0, high=1.0, mode=None") "Return a float of a triangle's distribution." => |it, a| {
            let (low, high) = (real(it, &a[0], 0.0)?, real(it, &a[1], 1.0)?);
            let u = with(Twister::float);
            let centre = match a[2].some() {
                None => 0.5,
                Some(_) if high == low => return Ok(Value::Float(low)),
                Some(mode) => (it.real(&mode.clone())? - low) / (high - low),
            };
            let (u, centre, low, high) = if u > centre { (1.0 - u, 1.0 - centre, high, low) } else { (u, centre, low, high) };
            Ok(Value::Float(low + (high - low) * (u * centre).sqrt()))
        };
        "lognormvariate" ("mu=0.0, sigma=1.0") "Return a float whose logarithm is normally distributed." => |it, a| {
            let (mu, sigma) = (real(it, &a[0], 0.0)?, real(it, &a[1], 1.0)?);
            Ok(Value::Float((mu + with(Twister::normal) * sigma).exp()))
        };
        "gammavariate" ("alpha, beta") "Return a float of the gamma distribution." => |it, a| {
            let (alpha, beta) = (it.real(&a[0])?, it.real(&a[1])?);
            gamma(alpha, beta).map(Value::Float)
        };
        "betavariate" ("alpha, beta") "Return a float of the beta distribution." => |it, a| {
            let (alpha, beta) = (it.real(&a[0])?, it.real(&a[1])?);
            let y = gamma(alpha, 1.0)?;
            Ok(Value::Float(if y == 0.0 { 0.0 } else { y / (y + gamma(beta, 1.0)?) }))
        };
        "paretovariate" ("alpha") "Return a float of the Pareto distribution." => |it, a| {
            let alpha = it.real(&a[0])?;
            Ok(Value::Float((1.0 - with(Twister::float)).powf(-1.0 / alpha)))
        };
        "weibullvariate" ("alpha, beta") "Return a float of the Weibull distribution." => |it, a| {
            let (alpha, beta) = (it.real(&a[0])?, it.real(&a[1])?);
            Ok(Value::Float(alpha * (-(1.0 - with(Twister::float)).ln()).powf(1.0 / beta)))
        };
        "vonmisesvariate" ("mu, kappa") "Return an angle of the von Mises distribution." => |it, a| {
            let (mu, kappa) = (it.real(&a[0])?, it.real(&a[1])?);
            Ok(Value::Float(with(|t| t.von_mises(mu, kappa))))
        };
        "getstate" ("") "Return the state of the generator, for setstate." => |_, _| Ok(with(|t| t.state()));
        "setstate" ("state") "Bring the generator back to a state." => |_, a| {
            let Some(twister) = Twister::of_state(&a[0]) else {
                return Err(type_error("state must be what getstate() returned").into());
            };
            with(|t| *t = twister);
            Ok(Value::None)
        };
        "Random" ("x=None") "Make a generator with a state of its own." => |it, a| {
            let seed = a[0].given().cloned().unwrap_or(Value::None);
            let random = Random { state: Rc::default() };
            random.run(it, row("seed"), &mut Args::of([seed]))?;
            Ok(Value::object(random))
        };
    }
}

fn row(name: &str) -> Option<&'static Builtin> {
    super::random::TABLE.iter().chain(TABLE).find(|row| row.name == name)
}

fn real(it: &mut Interp, value: &Value, default: f64) -> Res<f64> {
    value.given().map_or(Ok(default), |value| it.real(value))
}

/// The gamma distribution: Cheng's method above 1, Ahrens and Dieter's below.
fn gamma(alpha: f64, beta: f64) -> Res<f64> {
    if alpha <= 0.0 || beta <= 0.0 {
        return Err(value_error("gammavariate: alpha and beta must be > 0.0").into());
    }
    Ok(with(|t| {
        if alpha == 1.0 {
            return -(1.0 - t.float()).ln() * beta;
        }
        if alpha > 1.0 {
            let root = (2.0 * alpha - 1.0).sqrt();
            let (b, c) = (alpha - 4f64.ln(), alpha + root);
            loop {
                let u = t.float();
                if !(1e-7 < u && u < 0.999_999_9) {
                    continue;
                }
                let w = 1.0 - t.float();
                let v = (u / (1.0 - u)).ln() / root;
                let x = alpha * v.exp();
                let (z, r) = (u * u * w, b + c * v - x);
                if r + (1.0 + 4.5f64.ln()) - 4.5 * z >= 0.0 || r >= z.ln() {
                    return x * beta;
                }
            }
        }
        loop {
            let b = (E + alpha) / E;
            let p = b * t.float();
            let x = if p <= 1.0 { p.powf(1.0 / alpha) } else { -((b - p) / alpha).ln() };
            let u = t.float();
            if if p > 1.0 { u <= x.powf(alpha - 1.0) } else { u <= (-x).exp() } {
                return x * beta;
            }
        }
    }))
}

impl Twister {
    /// An angle around `mu`: Best and Fisher's method.
    fn von_mises(&mut self, mu: f64, kappa: f64) -> f64 {
        if kappa <= 1e-6 {
            return TAU * self.float();
        }
        let s = 0.5 / kappa;
        let r = s + (1.0 + s * s).sqrt();
        let z = loop {
            let z = (PI * self.float()).cos();
            let (d, u) = (z / (r + z), self.float());
            if u < 1.0 - d * d || u <= (1.0 - d) * d.exp() {
                break z;
            }
        };
        let q = 1.0 / r;
        let angle = ((q + z) / (1.0 + q * z)).acos();
        let turned = if self.float() > 0.5 { mu + angle } else { mu - angle };
        crate::eval::number::float::div_mod(turned, TAU).1
    }
}

/// A generator of one's own.
struct Random {
    state: Rc<RefCell<Option<Twister>>>,
}

impl Random {
    /// Runs a function of the module on this state.
    fn run(&self, it: &mut Interp, row: Option<&'static Builtin>, args: &mut Args) -> Res {
        let Some(row) = row else { return Ok(Value::None) };
        swap(&mut self.state.borrow_mut());
        let result = row.invoke(it, args);
        swap(&mut self.state.borrow_mut());
        result
    }
}

impl Object for Random {
    fn type_name(&self) -> &str {
        "Random"
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        let found = row(name).filter(|row| row.name != "Random");
        Ok(found.map(|row| Value::object(Bound { random: Random { state: self.state.clone() }, row })))
    }

    fn attrs(&self) -> Vec<String> {
        super::random::TABLE.iter().chain(TABLE).map(|row| row.name.to_owned()).collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A function of the module on a generator's own state.
struct Bound {
    random: Random,
    row: &'static Builtin,
}

impl Object for Bound {
    fn type_name(&self) -> &str {
        "method"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, mut args: Args) -> Res<Option<Value>> {
        self.random.run(it, Some(self.row), &mut args).map(Some)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
