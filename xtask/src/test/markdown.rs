//! The fenced blocks of a Markdown file. Rule: a fence is the first thing in its line, also inside of a list; nothing
//! else of Markdown is read.

/// A block between two fences.
#[derive(Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// Where it begins: the number of the line of its first fence, as editors count.
    pub line: usize,
    /// The first word behind the fence.
    pub language: &'a str,
    /// The other words, which GitHub shows nobody.
    options: &'a str,
    /// The lines between the fences, as far to the left as the fence.
    pub content: String,
}

impl<'a> Block<'a> {
    /// What the block says about itself: `base.css` for `append` in ```` ```css append=base.css ````.
    pub fn option(&self, name: &str) -> Option<&'a str> {
        self.options.split_whitespace().find_map(|option| option.strip_prefix(name)?.strip_prefix('='))
    }
}

/// All blocks, in their order.
pub fn blocks(document: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let text = line.trim_start();
        let Some(mark @ ('`' | '~')) = text.chars().next() else { continue };
        let info = text.trim_start_matches(mark);
        let (indent, fence) = (line.len() - text.len(), text.len() - info.len());
        // Code inside of a sentence has its second mark in the same line.
        if fence < 3 || info.contains(mark) {
            continue;
        }
        let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| !closes(line, mark, fence));
        let content = inside.fold(String::new(), |text, line| text + unindented(line, indent) + "\n");
        let (language, options) = info.trim().split_once([' ', ',']).unwrap_or((info.trim(), ""));
        blocks.push(Block { line: index + 1, language, options, content });
    }
    blocks
}

fn closes(line: &str, mark: char, fence: usize) -> bool {
    let line = line.trim();
    line.len() >= fence && line.chars().all(|character| character == mark)
}

fn unindented(line: &str, indent: usize) -> &str {
    let spaces = line.len() - line.trim_start_matches(' ').len();
    &line[spaces.min(indent)..]
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn a_block_knows_its_line_its_language_and_its_options() {
        let found = blocks("a\n```rust in=island\nlet a = 1;\n\n```\n\n```rust,ignore\n```\n~~~\n```\n~~~\n");
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].line, found[0].language, found[0].option("in")), (2, "rust", Some("island")));
        assert_eq!(found[0].content, "let a = 1;\n\n");
        assert_eq!((found[1].line, found[1].language, found[1].option("in")), (7, "rust", None));
        assert_eq!((found[2].line, found[2].language, found[2].content.as_str()), (9, "", "```\n"));
    }

    #[test]
    fn a_block_in_a_list_begins_at_its_fence() {
        let found = blocks(
            "1. first\n   ```sh\n   a\n     b\n c\n   ```\n2. ```code``` is no block\n```no``` neither\n",
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].content, "a\n  b\nc\n");
    }

    #[test]
    fn a_longer_fence_holds_shorter_ones() {
        let found = blocks("````md\n```rust\n```\n````\n```sh\n```\n");
        assert_eq!((found.len(), found[0].content.as_str(), found[1].line), (2, "```rust\n```\n", 5));
    }
}
