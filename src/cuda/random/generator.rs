//! `torch.Generator` on a GPU: a seed, and how far each thread's stream of numbers has come.

use crate::base::DType;
use crate::base::error::{Result, runtime, type_error};
use crate::cpu::random::{DEFAULT_SEED, entropy};
use crate::store::View;
use std::cell::RefCell;
use std::rc::Rc;

/// Bytes of a saved state: the seed, then the offset.
const STATE: usize = 16;

/// A stream of random numbers for each thread of a kernel. Nothing of it is on the device.
#[derive(Clone, Debug)]
pub struct Generator {
    /// The number of the device that it is for.
    pub device: u8,
    seed: u64,
    offset: u64,
}

impl Generator {
    /// A fresh one, with torch's fixed first seed.
    pub fn new(device: u8) -> Self {
        Self { device, seed: DEFAULT_SEED, offset: 0 }
    }

    /// `manual_seed`: starts over at `seed`.
    pub fn manual_seed(&mut self, seed: u64) {
        (self.seed, self.offset) = (seed, 0);
    }

    /// `seed()`: starts over at a seed taken from the system, and returns it.
    pub fn seed(&mut self) -> u64 {
        self.manual_seed(entropy());
        self.seed
    }

    /// `initial_seed()`: the seed last set.
    pub fn initial_seed(&self) -> u64 {
        self.seed
    }

    /// `get_offset()`: numbers of 32 bits that each thread has drawn.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// `set_offset()`: goes on behind so many numbers.
    ///
    /// # Errors
    /// torch's `RuntimeError` for a part of a block.
    pub fn set_offset(&mut self, offset: u64) -> Result<()> {
        if !offset.is_multiple_of(4) {
            return Err(runtime("offset must be a multiple of 4"));
        }
        self.offset = offset;
        Ok(())
    }

    /// The seed, and the first block for a kernel whose threads draw up to `numbers` of 32 bits each; the next kernel begins behind them.
    pub fn take(&mut self, numbers: u64) -> (u64, u64) {
        let block = self.offset / 4;
        self.offset = self.offset.wrapping_add(numbers.next_multiple_of(4));
        (self.seed, block)
    }

    /// `get_state()`: 16 bytes as torch lays them out.
    ///
    /// # Errors
    /// When the memory for them is not there.
    pub fn get_state(&self) -> Result<View> {
        View::vector(&[self.seed.to_le_bytes(), self.offset.to_le_bytes()].concat())
    }

    /// `set_state()`: goes on where `get_state` was called.
    ///
    /// # Errors
    /// torch's errors for a tensor that holds no state.
    pub fn set_state(&mut self, state: &View) -> Result<()> {
        if state.dtype() != DType::U8 {
            return Err(type_error("RNG state must be a torch.ByteTensor"));
        }
        let bytes: Vec<u8> = state.to_vec();
        if bytes.len() != STATE && bytes.len() != STATE / 2 {
            return Err(runtime("RNG state is wrong size"));
        }
        let words: Vec<u64> = bytes.as_chunks().0.iter().map(|w| u64::from_le_bytes(*w)).collect();
        // A state of old has no offset.
        let mut fresh = Self { seed: words[0], ..self.clone() };
        fresh.set_offset(words.get(1).copied().unwrap_or(0))?;
        *self = fresh;
        Ok(())
    }
}

/// The generators of calls that name none, by device, and the seed of those that nobody has asked for yet.
#[derive(Debug, Default)]
struct Defaults {
    known: Vec<Option<Rc<RefCell<Generator>>>>,
    seed: Option<u64>,
}

thread_local! {
    static DEFAULTS: RefCell<Defaults> = RefCell::default();
}

/// A device's generator of calls that name none; its seed differs from run to run.
pub fn default_generator(device: u8) -> Rc<RefCell<Generator>> {
    DEFAULTS.with_borrow_mut(|defaults| {
        let at = usize::from(device);
        if defaults.known.len() <= at {
            defaults.known.resize(at + 1, None);
        }
        let seed = defaults.seed;
        let made = || Rc::new(RefCell::new(Generator { device, seed: seed.unwrap_or_else(entropy), offset: 0 }));
        defaults.known[at].get_or_insert_with(made).clone()
    })
}

/// Seeds the default generators of all devices, those included that nobody has asked for yet: no driver is needed for it.
pub fn seed_all(seed: u64) {
    DEFAULTS.with_borrow_mut(|defaults| {
        defaults.seed = Some(seed);
        defaults.known.iter().flatten().for_each(|g| g.borrow_mut().manual_seed(seed));
    });
}

/// The default generators' states.
#[derive(Debug)]
pub struct Snapshot {
    known: Vec<Option<Generator>>,
    seed: Option<u64>,
}

/// Where the default generators are now.
pub fn snapshot() -> Snapshot {
    DEFAULTS.with_borrow(|defaults| {
        let state = |g: &Option<Rc<RefCell<Generator>>>| g.as_ref().map(|g| g.borrow().clone());
        Snapshot { known: defaults.known.iter().map(state).collect(), seed: defaults.seed }
    })
}

/// Has the default generators go on from where they were.
pub fn restore(snapshot: Snapshot) {
    DEFAULTS.with_borrow_mut(|defaults| {
        defaults.seed = snapshot.seed;
        // Those that nobody had asked for are made anew when they are asked for again.
        defaults.known.truncate(snapshot.known.len());
        for (slot, state) in defaults.known.iter_mut().zip(snapshot.known) {
            match (&slot, state) {
                (Some(g), Some(state)) => *g.borrow_mut() = state,
                _ => *slot = None,
            }
        }
    });
}
