// Package schedule decides which query may run next on a source. It knows no
// engine and no process: it hands out places.
//
//	places, err := schedule.New(schedule.Config{Places: 4, Spares: 2, Queue: 64, Wait: 5 * time.Second})
//	...
//	place, err := places.Acquire(ctx, schedule.Request{Client: "reports", Size: planner})
//	if err != nil {
//		return err
//	}
//	defer place.Release() // when the engine has let go of the query
//
// # The policy
//
// A query that finds a regular place free runs at once. All that follows is
// about the time when none is.
//
// Between clients: the next place goes to the client that has used least. What
// a client uses is time in places, of running queries as well. Half of it is
// forgotten every HalfLife (30 s). Among equals, who came first goes first. So a
// client's thousand waiting queries make another client's first one wait for
// the end of one running query, not of a thousand. (Where a place is kept for
// small queries, see below, a large one waits for the end of a large one, or
// for half of Wait.)
//
// Within a client: small queries before large ones, and in the order in which
// they came. Small is what the planner expects to be over in well under a
// second. What it cannot tell counts as large, and so does every query that has
// run for LongRunning (1 s), whatever was expected of it. A query that ran at
// once was never asked about, and counts as large too.
//
// Small and large: small queries do not queue behind large ones.
//
//   - While somebody small waits, one regular place is kept for small queries:
//     if large ones hold all others, the next that becomes free is for a small
//     one.
//   - There are spare places beyond the regular ones. While large queries hold
//     all regular places, a client who runs nothing gets a spare one at once.
//     The last spare is for small queries only. A query in a spare place moves
//     to a regular one when that becomes free and nobody waits for it who runs
//     nothing. So more than Places run only while that is needed.
//   - Without spares, a small query may have to wait for the end of a large one;
//     with only one place, it is served before the large ones that wait.
//
// Nobody starves: a client who runs nothing, though a query of it has waited for
// more than half of Wait and it had nothing in that time, is overdue. It goes
// first, whatever it has used, the one that has waited longest before the
// others. Also a large query may then have the place that is kept for small
// ones, if there is a spare place for these or only one place at all. It is one
// query a client: after it the client is not overdue for another half of
// Wait. Likewise, a client's small queries pass its own large ones for half of
// Wait, then one large query goes.
//
// The queue is bounded: Queue for all together, QueuePerClient for one client.
// Where there are spare places, queries that are not known to be small may take
// half of it. When it is full, the client with the most queries in it gives way: its newest
// one is refused in favor of a client who has fewer, also with the newcomer. A
// query that has waited for Wait is refused.
//
// # What an operator sees
//
//	refused as       means                                   helps
//	queue full       too many callers for the places         more places, or fewer callers
//	client's share   one client sends faster than it is      that client should send less at once;
//	                 served; the others are not affected     or a larger QueuePerClient
//	pushed out       the same, and the queue was full        the same
//	waited           queries are too long for the places     a shorter deadline, or more places
//
// A spare count that stays up says that large queries take all regular
// places: more places, or a lower ceiling on estimates.
//
// # Limits
//
// It bounds and orders; it ends nothing. A query that was taken for small and is
// not keeps a spare place until its deadline. Who has many names has many
// shares: give out the names, such as keys, or count by network.
//
// Clients who neither run nor wait are forgotten when what they have used has
// faded to a millisecond, and beyond 4,096 those who have been idle longest. No
// goroutine is kept: who waits does so on its own, with a timer.
package schedule
