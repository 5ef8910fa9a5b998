#include "photo/huffman.hpp"

#include <algorithm>
#include <stdexcept>

namespace nearfar::photo {
namespace {

constexpr std::size_t reserved = categories;  // one symbol more than there are: it takes the all-ones code
using Lengths = std::array<int, categories + 1>;

std::size_t index_of(int at) noexcept { return static_cast<std::size_t>(at); }

// Code lengths of a Huffman tree (T.81 figure K.1); 0 for a symbol that does not occur.
Lengths tree_lengths(std::array<std::uint64_t, categories + 1> weight) {
    Lengths lengths{};
    std::array<int, categories + 1> next{};  // symbols of one subtree, chained
    next.fill(-1);
    for (;;) {
        int least = -1;
        int second = -1;
        for (int at = static_cast<int>(weight.size()) - 1; at >= 0; --at) {  // ties: the reserved symbol lies deepest
            if (weight[index_of(at)] == 0) continue;
            if (least < 0 || weight[index_of(at)] < weight[index_of(least)]) {
                second = least;
                least = at;
            } else if (second < 0 || weight[index_of(at)] < weight[index_of(second)]) {
                second = at;
            }
        }
        if (second < 0) return lengths;
        weight[index_of(least)] += weight[index_of(second)];
        weight[index_of(second)] = 0;
        int tail = least;
        for (int at = least; at >= 0; at = next[index_of(at)]) {
            ++lengths[index_of(at)];
            tail = at;
        }
        next[index_of(tail)] = second;
        for (int at = second; at >= 0; at = next[index_of(at)]) ++lengths[index_of(at)];
    }
}

// How many codes there are of each length, none over 16 bits: too long ones move up in pairs (T.81 figure K.3).
std::array<int, categories + 1> limited_counts(const Lengths& lengths) {
    std::array<int, categories + 1> counts{};  // 18 leaves are at most 17 deep
    for (const int length : lengths) {
        if (length > 0) ++counts[index_of(length)];
    }
    while (counts[17] > 0) {
        std::size_t shorter = 15;
        while (counts[shorter] == 0) --shorter;
        counts[17] -= 2;
        counts[16] += 1;
        counts[shorter + 1] += 2;
        counts[shorter] -= 1;
    }
    return counts;
}

}  // namespace

HuffmanSpec optimal_code(const std::array<std::uint64_t, categories>& frequencies) {
    std::array<std::uint64_t, categories + 1> weight{};
    std::copy(frequencies.begin(), frequencies.end(), weight.begin());
    weight[reserved] = 1;
    const Lengths lengths = tree_lengths(weight);
    std::array<int, categories + 1> counts = limited_counts(lengths);
    std::size_t longest = 16;
    while (counts[longest] == 0) --longest;
    --counts[longest];  // the reserved code

    HuffmanSpec spec;
    for (std::size_t length = 1; length <= 16; ++length) {
        spec.counts[length - 1] = static_cast<std::uint8_t>(counts[length]);
    }
    for (int length = 1; length <= static_cast<int>(categories); ++length) {
        for (std::size_t symbol = 0; symbol < categories; ++symbol) {
            if (lengths[symbol] == length) spec.symbols.push_back(static_cast<std::uint8_t>(symbol));
        }
    }
    return spec;
}

HuffmanCodes assign_codes(const HuffmanSpec& spec) {
    HuffmanCodes codes;
    std::uint32_t code = 0;
    std::size_t index = 0;
    for (std::size_t length = 1; length <= 16; ++length, code <<= 1) {
        for (int k = 0; k < spec.counts[length - 1]; ++k, ++index, ++code) {
            codes.code[spec.symbols[index]] = static_cast<std::uint16_t>(code);
            codes.length[spec.symbols[index]] = static_cast<std::uint8_t>(length);
        }
    }
    return codes;
}

HuffmanDecoder::HuffmanDecoder(const HuffmanSpec& spec)
    : table_(std::size_t{1} << look_up_bits), symbols_(spec.symbols) {
    for (const std::uint8_t symbol : symbols_) {
        if (symbol >= categories) throw std::invalid_argument("a Huffman symbol is no difference category");
    }
    std::uint32_t code = 0;
    std::uint32_t index = 0;
    for (std::size_t length = 1; length <= 16; ++length, code <<= 1) {
        offset_[length] = static_cast<std::int32_t>(index) - static_cast<std::int32_t>(code);
        const std::uint32_t count = spec.counts[length - 1];
        if (code + count > (1U << length)) throw std::invalid_argument("the Huffman table is no prefix code");
        index += count;
        code += count;
        end_[length] = code << (16 - length);
    }
    if (index != symbols_.size()) throw std::invalid_argument("the Huffman table lacks symbols");
    for (std::size_t top = 0; top < table_.size(); ++top) {
        const Code found = find(static_cast<std::uint64_t>(top) << (64 - look_up_bits));
        if (found.length <= look_up_bits) table_[top] = found;
    }
}

HuffmanDecoder::Code HuffmanDecoder::find(std::uint64_t window) const noexcept {
    const auto top = static_cast<std::uint32_t>(window >> 48);
    for (std::size_t length = 1; length <= 16; ++length) {
        if (top >= end_[length]) continue;
        const auto code = static_cast<std::int32_t>(top >> (16 - length));
        return {symbols_[static_cast<std::size_t>(offset_[length] + code)], static_cast<std::uint8_t>(length)};
    }
    return {0, 0};
}

}  // namespace nearfar::photo
