// Huffman codes of lossless JPEG: symbols are difference categories 0..16, codes have 1..16 bits (T.81 annex C, K.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nearfar::photo {

constexpr std::size_t categories = 17;

// As a DHT segment spells it: how many codes there are of each length 1..16, and their symbols in code order.
struct HuffmanSpec {
    std::array<std::uint8_t, 16> counts{};
    std::vector<std::uint8_t> symbols;
};

// The shortest code for these frequencies with at most 16 bits and without the all-ones code.
HuffmanSpec optimal_code(const std::array<std::uint64_t, categories>& frequencies);

struct HuffmanCodes {
    std::array<std::uint16_t, categories> code{};
    std::array<std::uint8_t, categories> length{};  // 0: the symbol has no code
};

HuffmanCodes assign_codes(const HuffmanSpec& spec);

// Decodes a difference from the top bits of a window: a look-up for short codes, a search by length for the rest.
class HuffmanDecoder {
public:
    struct Difference {
        int value;
        int bits;  // taken from the window, at most 31; 0: no such code
    };

    HuffmanDecoder() = default;

    // Throws std::invalid_argument when the counts describe no prefix code or a symbol is no category.
    explicit HuffmanDecoder(const HuffmanSpec& spec);

    bool defined() const noexcept { return !table_.empty(); }

    Difference decode(std::uint64_t window) const noexcept {
        Code code = table_[window >> (64 - look_up_bits)];
        if (code.length == 0) code = find(window);
        if (code.category == 16) return {32768, code.length};  // T.81 table H.2: no extra bits
        // Figure F.12 without branches: extra bits that begin with 0 stand for a negative difference.
        const std::uint64_t rest = window << code.length;
        const auto extra = static_cast<int>((rest >> 1) >> (63 - code.category));
        const int negative = static_cast<int>(rest >> 63) - 1;
        return {extra - (negative & ((1 << code.category) - 1)), code.length + code.category};
    }

private:
    static constexpr int look_up_bits = 12;

    struct Code {
        std::uint8_t category;
        std::uint8_t length;  // 0: no such code (in the table: none that short)
    };

    Code find(std::uint64_t window) const noexcept;

    std::vector<Code> table_;
    std::array<std::uint32_t, 17> end_{};    // one past the last code of each length, aligned to 16 bits
    std::array<std::int32_t, 17> offset_{};  // symbol index = offset + code
    std::vector<std::uint8_t> symbols_;
};

}  // namespace nearfar::photo
