#include "core/pool.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "core/interrupt.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace nearfar {
namespace {

constexpr int most_threads = 1024;

std::int64_t process_id() noexcept {
#if defined(__unix__) || defined(__APPLE__)
    return getpid();
#else
    return 0;  // no fork
#endif
}

std::atomic<int>& wanted_threads() noexcept {
    static std::atomic<int> count{std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, most_threads)};
    return count;
}

thread_local bool inside_job = false;

// Marks the calling thread as busy with a job for as long as it lives.
class Inside {
public:
    Inside() {
        if (inside_job) throw std::logic_error("a parallel job was started from within a parallel job");
        inside_job = true;
    }
    ~Inside() { inside_job = false; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
};

struct Job {
    std::size_t count;
    std::size_t grain;
    detail::Body body;
    const void* closure;
    std::atomic<std::size_t> next{0};
    std::atomic<bool> failed{false};
    std::exception_ptr error{};  // written by the thread that sets `failed`

    void work() noexcept {
        const Abandonable abandonable(failed);
        while (!failed.load(std::memory_order_relaxed)) {
            const std::size_t begin = next.fetch_add(grain, std::memory_order_relaxed);
            if (begin >= count) return;
            try {
                body(closure, begin, std::min(begin + grain, count));
                poll_interrupt();
            } catch (...) {
                if (!failed.exchange(true)) error = std::current_exception();
            }
        }
    }
};

// A lock that those who wait for it get in the order in which they came. A mutex would mostly go to the thread that has
// just given it back, and keep one with a job now and then waiting for all the jobs of another.
class Turns {
public:
    void lock() {
        std::unique_lock lock(state_);
        const std::uint64_t mine = next_++;
        called_.wait(lock, [&] { return current_ == mine; });
    }
    void unlock() {
        {
            const std::lock_guard lock(state_);
            ++current_;
        }
        called_.notify_all();
    }

private:
    std::mutex state_;
    std::condition_variable called_;
    std::uint64_t next_ = 0, current_ = 0;
};

class Pool {
public:
    const std::int64_t owner = process_id();

    void run(Job& job) {
        const std::lock_guard queue(callers_);
        resize(static_cast<std::size_t>(wanted_threads().load()) - 1);
        {
            const std::lock_guard lock(state_);
            job_ = &job;
            ++turn_;
        }
        woken_.notify_all();
        job.work();
        std::unique_lock lock(state_);
        job_ = nullptr;
        left_.wait(lock, [this] { return working_ == 0; });
    }

private:
    void resize(std::size_t count) {
        if (count == size_) return;
        size_ = count;
        {
            const std::lock_guard lock(state_);
            stopping_ = true;
        }
        woken_.notify_all();
        for (std::thread& worker : workers_) worker.join();
        workers_.clear();
        stopping_ = false;
        try {
            while (workers_.size() < count) workers_.emplace_back([this] { serve(); });
        } catch (const std::system_error&) {
            // The system grants no more threads: fewer do the same work.
        }
    }

    void serve() {
        inside_job = true;
        std::unique_lock lock(state_);
        std::uint64_t served = 0;
        for (;;) {
            woken_.wait(lock, [&] { return stopping_ || (job_ != nullptr && turn_ != served); });
            if (stopping_) return;
            Job* job = job_;
            served = turn_;
            ++working_;
            lock.unlock();
            job->work();
            lock.lock();
            if (--working_ == 0) left_.notify_all();
        }
    }

    Turns callers_;  // held for a whole job: callers queue here
    std::mutex state_;
    std::condition_variable woken_;
    std::condition_variable left_;
    std::vector<std::thread> workers_;
    std::size_t size_ = 0;  // asked for; the system may have granted fewer
    Job* job_ = nullptr;
    std::uint64_t turn_ = 0;  // counts jobs
    std::size_t working_ = 0;
    bool stopping_ = false;
};

// Never destroyed: at exit its threads may still wait. After a fork the parent's pool is left alone, locks and all,
// because its threads do not exist here.
Pool& pool() {
    static std::atomic<Pool*> current{nullptr};
    Pool* seen = current.load(std::memory_order_acquire);
    if (seen != nullptr && seen->owner == process_id()) return *seen;
    Pool* fresh = new Pool;
    if (current.compare_exchange_strong(seen, fresh)) return *fresh;
    delete fresh;
    return *seen;
}

}  // namespace

int thread_count() noexcept { return wanted_threads().load(); }

void set_thread_count(int count) {
    if (count < 1 || count > most_threads) {
        throw std::invalid_argument("thread count must be from 1 to 1024, not " + std::to_string(count));
    }
    wanted_threads().store(count);
}

void detail::run(std::size_t count, std::size_t grain, Body body, const void* closure) {
    if (count == 0) return;
    grain = std::max<std::size_t>(grain, 1);
    const Inside inside;
    Job job{count, grain, body, closure};
    if (count <= grain || thread_count() == 1) {
        job.work();
    } else {
        pool().run(job);
    }
    if (job.error) std::rethrow_exception(job.error);
}

}  // namespace nearfar
