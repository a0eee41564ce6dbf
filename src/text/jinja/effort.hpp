#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace evoke::text::jinja {

/// The longest text and the longest list of a rendering: far beyond any prompt.
constexpr std::size_t longest_text = std::size_t{1} << 23U;
constexpr std::size_t longest_list = std::size_t{1} << 18U;

/// What one rendering on this thread may cost: a template of a few characters can ask for endless
/// work. Counted in what is written and looked at, not in time, so that it fails alike everywhere.
class Effort {
public:
    Effort();
    ~Effort();
    Effort(const Effort&) = delete;
    Effort& operator=(const Effort&) = delete;

    /// About one a byte. Throws RenderError when all is spent; free outside of a rendering.
    static void spend(std::size_t units);
    /// For looking for `part` in `text`, at the worst.
    static void spend_on_search(std::string_view text, std::string_view part);

private:
    std::size_t left_;
    Effort* outer_;
};

/// Throws RenderError for what is longer than the longest.
void require_length(std::size_t size, std::size_t longest);

/// Appends. Throws RenderError when the text becomes too long.
void grow(std::string& text, std::string_view more);

}  // namespace evoke::text::jinja
