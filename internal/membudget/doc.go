// Package membudget holds the resident memory of the server and its worker
// processes within a budget.
//
// Limits of each process (RLIMIT_DATA, DuckDB's memory_limit) bound one worker,
// and [Split] says what they should be. They cannot bound the sum: where every
// worker may take what a large query needs, all of them together may take more
// than there is. A [Budget] watches the sum and ends the worker that takes most
// before it has passed the budget by more than a tenth.
//
// # What is counted
//
// Of /proc/PID/statm: resident pages, of which the shared ones count once for
// all processes, up to 64 MiB, since they are the text of one program. More
// shared than that is counted to the process, so that memory mapped as shared
// hides nothing. On a process of 1 GiB (Linux 6.18, 4 KiB pages) one reading
// costs
//
//	statm          1.0 µs
//	status         7 µs    (RssAnon, RssFile and RssShmem apart)
//	smaps_rollup   9–20 ms (Pss; it walks the page tables under the lock that page faults take)
//
// so only the first can be read every few milliseconds. What a database file
// leaves in the page cache is no process's and is not counted; neither are page
// tables (0.2% of the memory), socket buffers, nor a memory file that nobody
// has mapped: workers must not be able to make one, nor processes of their own.
//
// # How often
//
// The next reading is due when the budget would be reached at the worst speed:
// interval = headroom / rate. The rate is 4 GB/s for each thread that can run
// at once; page faults (the kernel must clear each page) were measured at
// 2.6 GB/s on one core and 4.7 GB/s on two. So the reading that finds the budget
// passed comes at most the shortest interval and the delay of a wake-up after
// the fact, and what the sum is beyond by then is
//
//	overshoot = rate × (shortest interval + wake-up)
//
// with the shortest interval such that rate × interval is a quarter of the
// tenth (between 1 and 5 ms) and 5 ms for the wake-up on a machine whose cores
// are all busy. For 1 GiB on two cores: 8 GB/s × (3.4 + 5 ms) = 67 MB, of
// 107 MB allowed. [Budget.Overshoot] tells it for other machines: with many
// cores or a small budget it is more than a tenth, and Config.Threads should
// say how many threads the workers really have.
//
// What really happens is learnt: growth as it was seen lately is taken as
// going on until the next reading, which comes as late as others came lately.
// Quick growth is therefore ended before the budget is reached (a few percent
// before it, and 15% at most, where cores are overloaded and readings late), slow
// growth at it. Delays beyond 50 ms are not reckoned with.
//
// Huge pages break the arithmetic: they were filled at 10 GB/s on one core and
// 20 GB/s on two, so workers switch them off (PR_SET_THP_DISABLE).
//
// While no query runs nothing should grow, and a reading a second suffices; the
// first query after that wakes the monitor.
//
// # Which worker
//
// First idle workers that kept memory of earlier queries: ending them costs
// nobody an answer. Then the busy one whose query has grown most; of several
// that grew about alike, the youngest query. Then the busy one that kept most.
// A worker that holds less than 16 MiB more than at rest is never ended, since
// its successor would hold as much.
//
// # How many
//
// A process that was ended gives back its memory at some 14 GB/s (2 GB in
// 0.14 s) on an idle machine, and takes several times as long among others that
// grow; but statm says 0 as soon as its exit begins. So its last size counts as
// leaving until it is gone. Leaving is paid for: one overshoot ends no second
// worker. Meanwhile workers that have grown are paused (SIGSTOP), for a second at
// most and only while all memory together does not fit: so what is leaving is
// soon gone, and none of it is taken a second time before it is.
//
// Where that is no help (half of the tenth is passed, and those that stay have
// grown by a quarter of it since, or a second has passed), the next one is ended.
// A process that does not end therefore takes its memory out of the budget of
// the others, and only those of them end that have grown.
//
// # The server
//
// The budget never ends the server. Where the server itself takes more than its
// share, Config.Relieve is called and gets a quarter of a second to help before
// a worker is ended, unless the sum is beyond the budget by half of the tenth.
package membudget
