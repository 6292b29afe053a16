//! What machine code says of itself: a CUBIN is an ELF file, whose tables tell each kernel's registers and stack.

/// A kernel of a CUBIN.
#[derive(Debug)]
pub struct Kernel {
    /// Its name.
    pub name: String,
    /// Registers of a thread.
    pub registers: u32,
    /// Bytes of a thread's stack: what registers had no room for, and arrays whose places are not known when they are compiled.
    pub frame: u32,
    /// Reads of 16 bytes from the device's memory, and writes.
    pub wide: (usize, usize),
}

struct Section<'a> {
    name: &'a str,
    bytes: &'a [u8],
    /// The symbol of the kernel whose code it is.
    symbol: u32,
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

fn half(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()))
}

fn sections(elf: &[u8]) -> Vec<Section<'_>> {
    assert!(elf.starts_with(b"\x7fELF"), "no CUBIN");
    let (first, size, count, names) = (long(elf, 0x28) as usize, half(elf, 0x3a), half(elf, 0x3c), half(elf, 0x3e));
    let header = |i: usize| &elf[first + i * size..][..size];
    let place = |i: usize| long(header(i), 24) as usize;
    (0..count)
        .map(|i| {
            let h = header(i);
            let name = &elf[place(names) + word(h, 0) as usize..];
            let name = name.split(|b| *b == 0).next().unwrap_or_default();
            // Sections without bits in the file have none to look at.
            let bytes = if word(h, 4) == 8 { &[][..] } else { &elf[place(i)..][..long(h, 32) as usize] };
            Section { name: std::str::from_utf8(name).unwrap(), bytes, symbol: word(h, 44) & 0x00ff_ffff }
        })
        .collect()
}

/// A table of `.nv.info`: what an attribute says of each symbol.
fn table(info: &[u8], attribute: u8) -> Vec<(u32, u32)> {
    let (mut at, mut out) = (0, Vec::new());
    while at + 4 <= info.len() {
        // Attributes of this format have their size behind them; in others the value stands there.
        let size = if info[at] == 4 { half(info, at + 2) } else { 0 };
        if info[at] == 4 && info[at + 1] == attribute {
            out.push((word(info, at + 4), word(info, at + 8)));
        }
        at += 4 + size;
    }
    out
}

/// The kernels of a CUBIN for devices from 7.0 on.
pub fn kernels(elf: &[u8]) -> Vec<Kernel> {
    const FRAME: u8 = 0x11;
    const REGISTERS: u8 = 0x2f;
    let sections = sections(elf);
    let info = sections.iter().find(|s| s.name == ".nv.info").expect("a table of the kernels");
    let (registers, frames) = (table(info.bytes, REGISTERS), table(info.bytes, FRAME));
    let said = |table: &[(u32, u32)], symbol| table.iter().find(|row| row.0 == symbol).expect("each has its row").1;
    let codes = sections.iter().filter_map(|s| s.name.strip_prefix(".text.").map(|name| (name, s)));
    codes
        .map(|(name, s)| {
            // Instructions have 16 bytes: what they do in the lowest 12 bits, how wide memory is in bits 73 to 75.
            let wide = |what: u64| {
                let is = |i: &&[u8]| long(i, 0) & 0xfff == what && long(i, 8) >> 9 & 7 == 6;
                s.bytes.chunks_exact(16).filter(is).count()
            };
            Kernel {
                name: name.to_owned(),
                registers: said(&registers, s.symbol),
                frame: said(&frames, s.symbol),
                wide: (wide(0x981), wide(0x986)),
            }
        })
        .collect()
}
