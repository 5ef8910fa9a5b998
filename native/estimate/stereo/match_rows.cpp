#include "estimate/stereo/match_rows.hpp"

#include "estimate/stereo/lanes.hpp"

namespace nearfar::estimate::NEARFAR_LEVEL {
namespace {

using std::int16_t;
using std::ptrdiff_t;

constexpr int most_hamming = 20;
constexpr int most_difference = 30;
constexpr int largest_word = 0x7fff;

inline ptrdiff_t to_signed(size_t count) noexcept { return static_cast<ptrdiff_t>(count); }

// Costs

struct Offset {
    int x, y;
};
// What the census compares a pixel with: the whole 5 × 5 window and eight samples around it.
constexpr Offset neighbours[8 * census_planes] = {
    {-2, -2}, {-1, -2}, {0, -2}, {1, -2}, {2, -2}, {-2, -1}, {-1, -1}, {0, -1},  //
    {1, -1},  {2, -1},  {-2, 0}, {-1, 0}, {1, 0},  {2, 0},   {-2, 1},  {-1, 1},  //
    {0, 1},   {1, 1},   {2, 1},  {-2, 2}, {-1, 2}, {0, 2},   {1, 2},   {2, 2},   //
    {-3, 0},  {3, 0},   {0, -3}, {0, 3},  {-4, 0}, {4, 0},   {-3, -1}, {3, 1}};

void census(const uint8_t* const high[7], const uint8_t* const low[7], size_t width,
            uint8_t* const planes[census_planes]) {
    for (int plane = 0; plane < census_planes; ++plane) {
        uint8_t* const out = planes[plane];
        for (size_t x = 0; x < width; x += lanes) {
            const Bytes centre = load(high[3] + x), centre_low = load(low[3] + x);
            Bytes code = bytes(0);
            for (int bit = 0; bit < 8; ++bit) {
                const Offset at = neighbours[8 * plane + bit];
                const ptrdiff_t there = to_signed(x) + at.x;
                const Bytes other = load(high[3 + at.y] + there), other_low = load(low[3 + at.y] + there);
                // Not 0 where other < centre.
                const Bytes below = subtract(centre, other) | (equal(centre, other) & subtract(centre_low, other_low));
                code = add(add(code, code), min(below, bytes(1)));
            }
            store(out + x, code);
        }
    }
}

void colour_steps(const uint8_t* const a[3], const uint8_t* const b[3], size_t width, uint8_t* out) {
    for (size_t x = 0; x < width; x += lanes) {
        const Bytes step = max(difference(load(a[0] + x), load(b[0] + x)), difference(load(a[1] + x), load(b[1] + x)));
        store(out + x, max(step, difference(load(a[2] + x), load(b[2] + x))));
    }
}

struct Code {
    Bytes grey, census[census_planes];

    static inline Code of(const CodedRow& row, ptrdiff_t x) noexcept {
        return {load(row.grey + x),
                {load(row.census[0] + x), load(row.census[1] + x), load(row.census[2] + x), load(row.census[3] + x)}};
    }
};

inline Bytes hamming(const Code& left, const Code& right) noexcept {
    const Bytes a = left.census[0] ^ right.census[0], b = left.census[1] ^ right.census[1];
    const Bytes c = left.census[2] ^ right.census[2], d = left.census[3] ^ right.census[3];
    // Full adders: three bits that count 1 become one that counts 1 and one that counts 2.
    const Bytes odd_of_three = a ^ b ^ c;
    const Bytes twos = majority(a, b, c);
    return add(count_bits<1>(odd_of_three ^ d), add(count_bits<2>(twos), count_bits<2>(odd_of_three & d)));
}

void raw_cost(const CodedRow& left, const CodedRow& right, size_t width, size_t stride, size_t shifts, uint8_t* out) {
    const CodedRow l = left, r = right;
    for (size_t x = 0; x < width; x += lanes) {
        const Code here = Code::of(l, to_signed(x));
        uint8_t* to = out + x;
        for (ptrdiff_t at = to_signed(x), end = at - to_signed(shifts); at > end; --at, to += stride) {
            const Code there = Code::of(r, at);
            const Bytes bits = min(hamming(here, there), bytes(most_hamming));
            const Bytes away = min(difference(here.grey, there.grey), bytes(most_difference));
            store(to, add(bits, shift_right<1>(away)));
        }
    }
}

// 255 where a step is no more than the limit.
inline Bytes within(const uint8_t* steps, Bytes limit) noexcept {
    return equal(subtract(load(steps), limit), bytes(0));
}

inline Bytes weighted_1_2_1(Bytes before, Bytes here, Bytes after) noexcept {
    return average(average(before, after), here);
}

// How far shifts lie from the expected ones, for as long as `chunk` more shifts: bytes hold that many.
constexpr size_t chunk = 128;
constexpr int chunk_origin = 64;

inline void expect(const Expected& expected, size_t width, size_t first, uint8_t* out) noexcept {
    for (size_t x = 0; x < width; ++x) {
        const int place = expected.shift[x] - static_cast<int>(first) + chunk_origin;
        out[x] = static_cast<uint8_t>(place < 0 ? 0 : place > 255 ? 255 : place);
    }
}

template <bool guided>
void blur_of(const uint8_t* const raw[3], const ColourSteps steps[2], size_t width, size_t stride, size_t shifts,
             int limit, const Expected* expected, uint8_t* scratch, uint8_t* out) noexcept {
    const size_t blocks = (width + lanes - 1) / lanes;
    const Bytes most = bytes(limit);
    // Masks of four neighbours for each pixel; a row of costs weighted downwards, a vector free on either side; where
    // shifts are expected.
    uint8_t* const masks = scratch;
    uint8_t* const column = scratch + (4 * blocks + 1) * lanes;
    uint8_t* const place = column + (blocks + 1) * lanes;
    for (size_t x = 0, at = 0; x < width; x += lanes, at += 4 * lanes) {
        store(masks + at, within(steps[0].above[0] + x, most));
        store(masks + at + lanes, within(steps[1].above[0] + x, most));
        store(masks + at + 2 * lanes, within(steps[0].left + x, most));
        store(masks + at + 3 * lanes, within(steps[0].left + x + 1, most));
    }
    uint8_t inside[lanes];  // of the last block
    for (size_t lane = 0; lane < lanes; ++lane) inside[lane] = (blocks - 1) * lanes + lane < width ? 255 : 0;
    for (size_t shift = 0; shift < shifts; ++shift) {
        const uint8_t* const above = raw[0] + shift * stride;
        const uint8_t* const here = raw[1] + shift * stride;
        const uint8_t* const below = raw[2] + shift * stride;
        for (size_t x = 0, at = 0; x < width; x += lanes, at += 4 * lanes) {
            const Bytes centre = load(here + x);
            store(column + x, weighted_1_2_1(choose(load(masks + at), load(above + x), centre), centre,
                                             choose(load(masks + at + lanes), load(below + x), centre)));
        }
        column[-1] = column[0];
        column[width] = column[width - 1];
        if (guided && shift % chunk == 0) expect(*expected, width, shift, place);
        const Bytes now = bytes(static_cast<int>(shift % chunk) + chunk_origin);
        const Bytes free = bytes(guided ? expected->free : 0);
        const bool twice = guided && expected->slope == 2;
        uint8_t* to = out + shift * lanes;
        for (size_t x = 0, at = 0; x < width; x += lanes, at += 4 * lanes, to += shifts * lanes) {
            const Bytes centre = load(column + x);
            Bytes cost = weighted_1_2_1(choose(load(masks + at + 2 * lanes), load(column + x - 1), centre), centre,
                                        choose(load(masks + at + 3 * lanes), load(column + x + 1), centre));
            if (guided) {
                const Bytes away = subtract(difference(load(place + x), now), free);
                cost = add(cost, min(twice ? add(away, away) : away, load(expected->most + x)));
            }
            if (x + lanes > width) cost = cost & load(inside);
            store(to, cost);
        }
    }
}

void blur_cost(const uint8_t* const raw[3], const ColourSteps steps[2], size_t width, size_t stride, size_t shifts,
               int limit, const Expected* expected, uint8_t* scratch, uint8_t* out) {
    if (expected != nullptr) {
        blur_of<true>(raw, steps, width, stride, shifts, limit, expected, scratch, out);
    } else {
        blur_of<false>(raw, steps, width, stride, shifts, limit, expected, scratch, out);
    }
}

// Paths

inline Bytes large_step(Bytes step, StepPenalty penalty) noexcept {
    return max(subtract(bytes(penalty.large), add(add(step, step), step)), bytes(penalty.least));
}

inline int large_step(int step, StepPenalty penalty) noexcept {
    const int charge = penalty.large - 3 * step;
    return charge > penalty.least ? charge : penalty.least;
}

// One path through the shifts of a block of pixels:
//
//     cost' = cost + min(before[shift], before[shift ± 1] + small, least before + large) − least before
struct Step {
    uint8_t* state;
    size_t stride;
    Bytes low, high;          // the least of `before`, and what a change by more than one shift leads to
    Bytes back, here, least;  // before[shift − 1] + small, before[shift], the least of what was written

    inline void begin(uint8_t* costs, const uint8_t* lows, size_t stride_, Bytes large) noexcept {
        state = costs;
        stride = stride_;
        low = load(lows);
        high = add(low, large);
        back = bytes(255);
        here = load(costs);
        least = bytes(255);
    }

    inline Bytes next(Bytes cost, Bytes small) noexcept {
        const Bytes on = load(state + stride);
        const Bytes best = min(min(here, high), min(back, add(on, small)));
        const Bytes reached = add(cost, subtract(best, low));
        store(state, reached);
        state += stride;
        back = add(here, small);
        here = on;
        least = min(least, reached);
        return reached;
    }
};

struct ThreeSteps {
    Step a, b, c;
    uint8_t* least[3];

    inline void begin(const DownPaths& paths, const uint8_t* const steps[3], size_t x, StepPenalty penalty) noexcept {
        Step* const each[3] = {&a, &b, &c};
        for (int i = 0; i < 3; ++i) {
            const size_t slot = paths.slots[i] + x;
            least[i] = paths.least[i] + slot;
            each[i]->begin(paths.costs[i] + slot, least[i], paths.stride, large_step(load(steps[i] + x), penalty));
        }
    }

    inline Bytes next(Bytes cost, Bytes small) noexcept {
        return add(add(a.next(cost, small), b.next(cost, small)), c.next(cost, small));
    }

    inline void end() const noexcept {
        store(least[0], a.least);
        store(least[1], b.least);
        store(least[2], c.least);
    }
};

void down(const uint8_t* costs, const DownPaths& paths, const uint8_t* const colour_steps[3], size_t width,
          size_t shifts, StepPenalty penalty, uint8_t* sums) {
    const DownPaths copy = paths;
    const Bytes small = bytes(penalty.small);
    for (size_t x = 0; x < width; x += lanes) {
        ThreeSteps steps;
        steps.begin(copy, colour_steps, x, penalty);
        if (sums != nullptr) {
            for (size_t shift = 0; shift < shifts; ++shift, costs += lanes, sums += lanes) {
                store(sums, steps.next(load(costs), small));
            }
        } else {
            for (size_t shift = 0; shift < shifts; ++shift, costs += lanes) {
                static_cast<void>(steps.next(load(costs), small));
            }
        }
        steps.end();
    }
}

// Winners

// The least totals of the right view's columns. The left pixel x + lane has the shift d to the right column
// x + lane − d, so the even lanes of a block meet columns of one parity and the odd lanes those of the other: each
// parity is a run of its own. And there are four such pairs, taken in turns, for what was just written can't be read
// back at another offset without waiting for the cache.
struct RightView {
    uint16_t* costs;
    size_t length, origin;  // of a run; an even number of columns before column 0

    inline RightView(const WinnerRow& row, size_t shifts) noexcept
        : costs(row.right_scratch), length(row.right_length), origin((shifts + 1) / 2 * 2) {
        for (size_t i = 0; i < right_runs * length; ++i) costs[i] = largest_word;
    }

    inline void offer(size_t x, size_t d, size_t parity_of_lanes, Words total, Words position) const noexcept {
        const size_t column = origin + x + parity_of_lanes - d;
        uint16_t* const cost = costs + ((d & 6) | (column & 1)) * length + column / 2;
        uint16_t* const shift = cost + right_runs * length;
        Words best = load(cost), index = load(shift);
        take_less(total, position, best, index);
        store(cost, best);
        store(shift, index);
    }

    // Of equal totals the least shift is taken.
    inline void read(size_t width, int16_t* shift) const noexcept {
        for (size_t x = 0; x < width; ++x) {
            const uint16_t* const cost = costs + (x & 1) * length + (origin + x) / 2;
            const uint16_t* const shifts = cost + right_runs * length;
            int least = cost[0], best = shifts[0];
            for (size_t run = 2; run < right_runs; run += 2) {
                const int other = cost[run * length], at = shifts[run * length];
                const bool better = other < least || (other == least && at < best);
                least = better ? other : least;
                best = better ? at : best;
            }
            shift[x] = static_cast<int16_t>(best);
        }
    }
};

// Sub-pixel position of the least total by a parabola through its neighbours, and how far ahead of the second it is.
inline void report(const uint16_t* totals, size_t shifts, const uint16_t* best, const uint16_t* index,
                   const uint16_t* second, size_t count, int16_t* shift, uint8_t* margin) noexcept {
    float below[lanes], above[lanes], least[lanes], other[lanes];
    for (size_t lane = 0; lane < count; ++lane) {
        const size_t word = (lane & 1) * (lanes / 2) + lane / 2;
        const size_t at = index[word];
        const size_t inner = at > 0 && at + 1 < shifts ? 1 : 0;
        below[lane] = totals[(at - inner) * lanes + word];
        above[lane] = totals[(at + inner) * lanes + word];
        least[lane] = best[word];
        other[lane] = second[word];
        shift[lane] = static_cast<int16_t>(64 * at);
    }
    for (size_t lane = 0; lane < count; ++lane) {
        const float bend = 2 * (below[lane] + above[lane] - 2 * least[lane]);
        const float step = 64 * (below[lane] - above[lane]) / (bend > 0 ? bend : 1.0F);
        shift[lane] = static_cast<int16_t>(shift[lane] + static_cast<int16_t>(step));
        const float ahead = 256 * (other[lane] - least[lane]) / (other[lane] + 1);
        margin[lane] = static_cast<uint8_t>(ahead < 255 ? ahead : 255.0F);
    }
}

template <bool last, bool both_ways>
inline void win_block(const uint8_t* costs, ThreeSteps& steps, size_t x, size_t width, size_t shifts, Bytes small,
                      const uint8_t* up, const uint8_t* along, const RightView& right, const WinnerRow& row) noexcept {
    constexpr size_t half = lanes / 2;
    uint16_t outside[lanes] = {};
    if (last) {
        for (size_t lane = 0; lane < lanes; ++lane) {
            outside[(lane & 1) * half + lane / 2] = x + lane < width ? 0 : largest_word;
        }
    }
    const Words barred[2] = {load(outside), load(outside + half)};
    Words best[2] = {words(largest_word), words(largest_word)};
    Words index[2] = {words(0), words(0)};
    Words position = words(0);
    uint16_t* totals = row.totals;
    for (size_t shift = 0; shift < shifts; ++shift, costs += lanes, along += lanes, totals += lanes) {
        const Bytes three = steps.next(load(costs), small), across = load(along);
        Words total[2] = {add(even(three), even(across)), add(odd(three), odd(across))};
        if (both_ways) {
            const Bytes other = load(up + shift * lanes);
            total[0] = add(total[0], even(other));
            total[1] = add(total[1], odd(other));
        }
        for (int parity = 0; parity < 2; ++parity) {
            if (last) total[parity] = max(total[parity], barred[parity]);
            store(totals + static_cast<size_t>(parity) * half, total[parity]);
            take_less(total[parity], position, best[parity], index[parity]);
            right.offer(x, shift, static_cast<size_t>(parity), total[parity], position);
        }
        position = add(position, words(1));
    }
    Words second[2] = {words(largest_word), words(largest_word)};
    position = words(0);
    totals = row.totals;
    for (size_t shift = 0; shift < shifts; ++shift, totals += lanes) {
        second[0] = min(second[0], unless_near(load(totals), position, index[0]));
        second[1] = min(second[1], unless_near(load(totals + half), position, index[1]));
        position = add(position, words(1));
    }
    uint16_t bests[lanes], indices[lanes], seconds[lanes];
    for (size_t parity = 0; parity < 2; ++parity) {
        store(bests + parity * half, best[parity]);
        store(indices + parity * half, index[parity]);
        store(seconds + parity * half, second[parity]);
    }
    const size_t count = last ? width - x : lanes;
    report(row.totals, shifts, bests, indices, seconds, count, row.shift + x, row.margin + x);
}

template <bool both_ways>
void down_and_win_of(const uint8_t* costs, const DownPaths& paths, const uint8_t* const colour_steps[3], size_t width,
                     size_t shifts, StepPenalty penalty, const uint8_t* up, const uint8_t* along,
                     const WinnerRow& row) noexcept {
    const Bytes small = bytes(penalty.small);
    const RightView right(row, shifts);
    const size_t block = shifts * lanes;
    for (size_t x = 0; x < width; x += lanes, costs += block, along += block) {
        ThreeSteps steps;
        steps.begin(paths, colour_steps, x, penalty);
        if (x + lanes <= width) {
            win_block<false, both_ways>(costs, steps, x, width, shifts, small, up, along, right, row);
        } else {
            win_block<true, both_ways>(costs, steps, x, width, shifts, small, up, along, right, row);
        }
        steps.end();
        if (both_ways) up += block;
    }
    right.read(width, row.right_shift);
}

void down_and_win(const uint8_t* costs, const DownPaths& paths, const uint8_t* const colour_steps[3], size_t width,
                  size_t shifts, StepPenalty penalty, const uint8_t* up, const uint8_t* along,
                  const WinnerRow& winners) {
    const DownPaths copy = paths;
    const WinnerRow row = winners;
    if (up != nullptr) {
        down_and_win_of<true>(costs, copy, colour_steps, width, shifts, penalty, up, along, row);
    } else {
        down_and_win_of<false>(costs, copy, colour_steps, width, shifts, penalty, up, along, row);
    }
}

// From blocks to pixels and back

#if defined(NEARFAR_X86_LANES)
// 16 runs of 16 bytes, `stride` apart, as columns.
inline void transpose(const __m128i (&in)[16], __m128i (&out)[16]) noexcept {
    __m128i a[16], b[16];
    for (int i = 0; i < 8; ++i) {
        a[2 * i] = _mm_unpacklo_epi8(in[i], in[i + 8]);
        a[2 * i + 1] = _mm_unpackhi_epi8(in[i], in[i + 8]);
    }
    for (int i = 0; i < 8; ++i) {
        b[2 * i] = _mm_unpacklo_epi8(a[i], a[i + 8]);
        b[2 * i + 1] = _mm_unpackhi_epi8(a[i], a[i + 8]);
    }
    for (int i = 0; i < 8; ++i) {
        a[2 * i] = _mm_unpacklo_epi8(b[i], b[i + 8]);
        a[2 * i + 1] = _mm_unpackhi_epi8(b[i], b[i + 8]);
    }
    for (int i = 0; i < 8; ++i) {
        out[2 * i] = _mm_unpacklo_epi8(a[i], a[i + 8]);
        out[2 * i + 1] = _mm_unpackhi_epi8(a[i], a[i + 8]);
    }
}

using Run = __m128i;
inline Run load_run(const uint8_t* from) noexcept { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }
inline void store_run(uint8_t* to, Run run) noexcept { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), run); }
inline Run add_runs(Run a, Run b) noexcept { return _mm_adds_epu8(a, b); }
inline Run full_run() noexcept { return _mm_set1_epi8(-1); }
#else
struct Run {
    uint8_t v[16];
};
inline void transpose(const Run (&in)[16], Run (&out)[16]) noexcept {
    for (int i = 0; i < 16; ++i) {
        for (int j = 0; j < 16; ++j) out[i].v[j] = in[j].v[i];
    }
}
inline Run load_run(const uint8_t* from) noexcept {
    Run run;
    for (int i = 0; i < 16; ++i) run.v[i] = from[i];
    return run;
}
inline void store_run(uint8_t* to, const Run& run) noexcept {
    for (int i = 0; i < 16; ++i) to[i] = run.v[i];
}
inline Run add_runs(const Run& a, const Run& b) noexcept {
    Run run;
    for (int i = 0; i < 16; ++i) {
        const int sum = a.v[i] + b.v[i];
        run.v[i] = static_cast<uint8_t>(sum < 255 ? sum : 255);
    }
    return run;
}
inline Run full_run() noexcept {
    Run run;
    for (uint8_t& value : run.v) value = 255;
    return run;
}
#endif

void to_pixels(const uint8_t* blocks, size_t width, size_t shifts, size_t padded, uint8_t* out) {
    for (size_t x = 0; x < width; x += lanes, blocks += shifts * lanes) {
        for (size_t part = 0; part < lanes; part += 16) {
            for (size_t shift = 0; shift < padded; shift += 16) {
                Run in[16], turned[16];
                for (size_t i = 0; i < 16; ++i) {
                    in[i] = shift + i < shifts ? load_run(blocks + (shift + i) * lanes + part) : full_run();
                }
                transpose(in, turned);
                for (size_t i = 0; i < 16; ++i) store_run(out + (x + part + i) * padded + shift, turned[i]);
            }
        }
    }
}

void to_blocks(const uint8_t* a, const uint8_t* b, size_t width, size_t shifts, size_t padded, uint8_t* out) {
    for (size_t x = 0; x < width; x += lanes, out += shifts * lanes) {
        for (size_t part = 0; part < lanes; part += 16) {
            for (size_t shift = 0; shift < shifts; shift += 16) {
                Run in[16], turned[16];
                for (size_t i = 0; i < 16; ++i) {
                    const size_t at = (x + part + i) * padded + shift;
                    in[i] = add_runs(load_run(a + at), load_run(b + at));
                }
                transpose(in, turned);
                const size_t count = shifts - shift < 16 ? shifts - shift : 16;
                for (size_t i = 0; i < count; ++i) store_run(out + (shift + i) * lanes + part, turned[i]);
            }
        }
    }
}

// Paths along the row

// One pixel further along a row, all shifts of it at once; returns the least cost in every lane.
template <size_t vectors>
inline Bytes along_pixel(const uint8_t* costs, Bytes (&state)[vectors], Bytes low, Bytes high, Bytes small,
                         uint8_t* out) noexcept {
    Bytes before = bytes(255), least_of_all = bytes(255);
    for (size_t i = 0; i < vectors; ++i) {
        const Bytes here = state[i];
        const Bytes after = i + 1 < vectors ? state[i + 1] : bytes(255);
        const Bytes near = add(min(one_back(before, here), one_on(here, after)), small);
        const Bytes reached = add(load(costs + i * lanes), subtract(min(min(here, high), near), low));
        store(out + i * lanes, reached);
        state[i] = reached;
        before = here;
        least_of_all = min(least_of_all, reached);
    }
    return least(least_of_all);
}

// The two directions take turns, so that the CPU works on one while it waits for the other.
template <size_t vectors>
void along_of(const uint8_t* costs, const uint8_t* steps, size_t width, StepPenalty penalty, uint8_t* from_left,
              uint8_t* from_right) noexcept {
    constexpr size_t padded = vectors * lanes;
    const Bytes small = bytes(penalty.small);
    Bytes left[vectors], right[vectors];
    for (size_t i = 0; i < vectors; ++i) left[i] = right[i] = bytes(0);
    Bytes low_left = bytes(0), low_right = bytes(0);
    for (size_t x = 0; x < width; ++x) {
        const size_t back = width - 1 - x;
        const Bytes high_left = add(low_left, bytes(large_step(steps[x], penalty)));
        const Bytes high_right = add(low_right, bytes(large_step(steps[back + 1], penalty)));
        low_left = along_pixel<vectors>(costs + x * padded, left, low_left, high_left, small, from_left + x * padded);
        low_right = along_pixel<vectors>(costs + back * padded, right, low_right, high_right, small,
                                         from_right + back * padded);
    }
}

// The same for any number of shifts, with the state in memory: the row written before.
void along_any(const uint8_t* costs, const uint8_t* steps, size_t width, size_t padded, StepPenalty penalty,
               bool leftward, uint8_t* out) noexcept {
    const Bytes small = bytes(penalty.small);
    Bytes low = bytes(0);
    for (size_t i = 0; i < width; ++i) {
        const size_t x = leftward ? width - 1 - i : i;
        const size_t from = leftward ? x + 1 : x - 1;  // in the padded row, whatever its end
        const uint8_t* const before = out + from * padded;
        const Bytes high = add(low, bytes(large_step(steps[leftward ? from : x], penalty)));
        Bytes back = bytes(255), here = i ? load(before) : bytes(0), least_of_all = bytes(255);
        for (size_t at = 0; at < padded; at += lanes) {
            const bool more = at + lanes < padded;
            const Bytes after = !more ? bytes(255) : i ? load(before + at + lanes) : bytes(0);
            const Bytes near = add(min(one_back(back, here), one_on(here, after)), small);
            const Bytes reached = add(load(costs + x * padded + at), subtract(min(min(here, high), near), low));
            store(out + x * padded + at, reached);
            back = here;
            here = after;
            least_of_all = min(least_of_all, reached);
        }
        low = least(least_of_all);
    }
}

void along(const uint8_t* costs, const uint8_t* steps, size_t width, size_t padded, StepPenalty penalty,
           uint8_t* from_left, uint8_t* from_right) {
    switch (padded / lanes) {
        case 1: return along_of<1>(costs, steps, width, penalty, from_left, from_right);
        case 2: return along_of<2>(costs, steps, width, penalty, from_left, from_right);
        case 3: return along_of<3>(costs, steps, width, penalty, from_left, from_right);
        case 4: return along_of<4>(costs, steps, width, penalty, from_left, from_right);
        default: break;
    }
    along_any(costs, steps, width, padded, penalty, false, from_left);
    along_any(costs, steps, width, padded, penalty, true, from_right);
}

}  // namespace

extern const MatchRows match_rows;
const MatchRows match_rows{lanes, census, colour_steps, raw_cost, blur_cost, down, down_and_win, to_pixels, to_blocks, along};

}  // namespace nearfar::estimate::NEARFAR_LEVEL
