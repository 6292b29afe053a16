//! The words of the language: what the lexer makes of a text and the parser reads.

use crate::base::Span;
use std::rc::Rc;

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its place; NEWLINE, INDENT and DEDENT may be empty.
    pub span: Span,
    /// For a name or a literal, the index of its [`Value`]; otherwise 0.
    pub value: u32,
}

/// What a name or literal token stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An identifier.
    Name(Rc<str>),
    /// An integer that fits.
    Int(i64),
    /// A larger integer, in decimal digits.
    BigInt(Rc<str>),
    /// A float.
    Float(f64),
    /// An imaginary number.
    Imag(f64),
    /// A string, or a stretch of text in an f-string.
    Str(Rc<str>),
    /// A bytes literal.
    Bytes(Rc<[u8]>),
}

macro_rules! kinds {
    (classes { $($(#[$doc:meta])* $class:ident)* } keywords { $($kw:ident $kw_text:literal)* } marks { $($mark:ident $mark_text:literal)* }) => {
        /// The kinds of token.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        #[repr(u8)]
        pub enum Kind { $($(#[$doc])* $class,)* $($kw,)* $($mark,)* }

        impl Kind {
            /// How many kinds there are.
            pub const COUNT: usize = [$(Kind::$class,)* $(Kind::$kw,)* $(Kind::$mark,)*].len();

            /// Every keyword, as it is written.
            pub const KEYWORDS: &'static [&'static str] = &[$($kw_text),*];

            /// The keyword that a word is.
            pub fn keyword(word: &str) -> Option<Kind> {
                match word { $($kw_text => Some(Kind::$kw),)* _ => None }
            }

            /// The keyword or mark of this text.
            pub fn of_text(text: &str) -> Option<Kind> {
                match text { $($kw_text => Some(Kind::$kw),)* $($mark_text => Some(Kind::$mark),)* _ => None }
            }

            /// A keyword's or mark's text; empty for the other kinds.
            pub fn text(self) -> &'static str {
                match self { $(Kind::$kw => $kw_text,)* $(Kind::$mark => $mark_text,)* _ => "" }
            }

            /// Whether it is a keyword.
            pub fn is_keyword(self) -> bool {
                matches!(self, $(Kind::$kw)|*)
            }
        }
    };
}

kinds! {
    classes {
        /// An identifier that is no keyword.
        Name
        /// A number.
        Number
        /// A string without fields.
        Str
        /// A bytes literal.
        Bytes
        /// The end of a logical line.
        Newline
        /// The start of a deeper block.
        Indent
        /// The end of a block.
        Dedent
        /// The end of the source.
        End
        /// Text that is no token; the lexer has reported it.
        Error
        /// The prefix and opening quotes of an f-string.
        FStart
        /// Text of an f-string, in its format specifications too.
        FText
        /// The `{` of a field.
        FOpen
        /// The `=` of a field; its value is the text from the `{` to here.
        FLabel
        /// The `!r` of a field; its value is the letter.
        FConversion
        /// The `:` before a field's format specification.
        FColon
        /// The `}` of a field.
        FClose
        /// The closing quotes of an f-string.
        FEnd
    }
    keywords {
        False "False" None "None" True "True" And "and" As "as" Assert "assert" Async "async" Await "await"
        Break "break" Class "class" Continue "continue" Def "def" Del "del" Elif "elif" Else "else" Except "except"
        Finally "finally" For "for" From "from" Global "global" If "if" Import "import" In "in" Is "is"
        Lambda "lambda" Nonlocal "nonlocal" Not "not" Or "or" Pass "pass" Raise "raise" Return "return" Try "try"
        While "while" With "with" Yield "yield"
    }
    marks {
        LPar "(" RPar ")" LBracket "[" RBracket "]" LBrace "{" RBrace "}"
        Comma "," Colon ":" Dot "." Semi ";" Assign "=" Walrus ":=" Arrow "->" Ellipsis "..."
        Plus "+" Minus "-" Star "*" Slash "/" DoubleSlash "//" Percent "%" At "@" DoubleStar "**"
        Shl "<<" Shr ">>" Amp "&" Pipe "|" Caret "^" Tilde "~"
        Lt "<" Le "<=" Gt ">" Ge ">=" EqEq "==" Ne "!="
        PlusEq "+=" MinusEq "-=" StarEq "*=" SlashEq "/=" DoubleSlashEq "//=" PercentEq "%=" AtEq "@="
        DoubleStarEq "**=" ShlEq "<<=" ShrEq ">>=" AmpEq "&=" PipeEq "|=" CaretEq "^="
    }
}

impl Kind {
    /// Whether it opens a bracket.
    pub fn opens(self) -> bool {
        matches!(self, Kind::LPar | Kind::LBracket | Kind::LBrace | Kind::FOpen)
    }

    /// Whether it closes a bracket.
    pub fn closes(self) -> bool {
        matches!(self, Kind::RPar | Kind::RBracket | Kind::RBrace | Kind::FClose)
    }

    /// Whether each one makes the tree a level deeper: what bounds the depth of recursion over a tree.
    /// Comparisons, `and` and `or` are flat.
    pub fn deepens(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Plus | Minus
                | Star
                | Slash
                | DoubleSlash
                | Percent
                | At
                | DoubleStar
                | Shl
                | Shr
                | Amp
                | Pipe
                | Caret
                | Tilde
        ) || matches!(self, Not | Else | Lambda | Dot | LPar | LBracket | LBrace | FOpen)
    }
}
