// Package concurrency bounds how much is in flight at once, of each client and
// of all, and lets what is over the bound wait a little, in a fair order.
//
// Place in the chain: inside everything that refuses for less (addresses, rate
// limits, keys), outside what does the work:
//
//	limiter, err := concurrency.New(concurrency.Config{
//		Client:    func(r *http.Request) netip.Addr { return event.FromContext(r.Context()).Client },
//		PerClient: 4, Global: 10, Queue: 50, Wait: 5 * time.Second,
//	})
//	...
//	handler := chain.New(recorder, recoverer, ips, rates, keys, limiter).Then(mux)
//
// # Waiting
//
// A request that finds no slot waits at most Config.Wait, also one whose client
// is at its own cap. Within a client the first to come is the first to go;
// between clients slots go round, one each, so that the longest queue waits
// longest and nobody else's. A slot that becomes free is handed to the next who
// may have it: one waiter wakes, and no newcomer passes it.
//
// Refusals are those of package problem, with Retry-After. On the event record
// they have the protection "concurrency" and as rule one of
//
//	concurrency.client  429  the client's cap, or its share of the queue
//	concurrency.global  503  the cap of all, a full queue, or a closed limiter
//
// A request that ends while it waits leaves the queue at once and its record
// says canceled. The record's Query.Queue has the time that was waited.
//
// # What a slot lasts for
//
// For the work, which is not always the handler. A slot of [Limiter.Wrap] is
// given back by a deferred call, so also after a panic or runtime.Goexit; there
// is nothing that a handler could forget. What goes on after the handler has
// returned keeps the slot with [Hold]: a hijacked connection, or a goroutine
// that waits for a database to really stop.
//
//	release, ok := concurrency.Hold(r.Context())
//	if !ok {
//		return errNotCounted
//	}
//	go func() {
//		defer release()
//		<-query.Stopped()
//	}()
//
// http.TimeoutHandler returns while its handler still runs, in a goroutine. The
// handler inside of it holds the slot for itself, first of all. The limiter does
// not belong there: it writes the event record, which only the request's own
// goroutine may.
//
// A Hold that is never released, or a Slot of [Limiter.Acquire] that is not,
// keeps its slot for ever. A finalizer would be no help: it would give slots
// back while their work runs, as soon as nobody looks at the Slot any more.
// [Stats] counts the former as Held; alert on a number that does not go down.
//
// # Memory
//
// A client is tracked only while it has something in flight or waiting: there
// are never more than Config.Global + Config.Queue of them, and one that is being
// refused at this moment.
//
// # Several instances
//
// With [RedisLeases] the caps hold for all instances together. Each slot is also
// a lease in Redis, taken by one atomic script, renewed while the work lasts,
// removed afterwards. An instance that dies loses its leases by their TTL. The
// caps of the instance itself are always enforced first.
//
// While a shared cap is reached, an instance asks again after at most 25 ms, then
// 50, up to 200 ms, with jitter, once for all that wait for the same cap, or at
// once when a lease of its own ends. There is no order between instances.
//
// If Redis is away, the caps of each instance apply alone: never more than
// Config.Global in each, and never a request that fails for it. One request
// waits for the timeout, and those that asked at the same moment; the others are
// not held up. When Redis is back, what is in flight is counted there again,
// even beyond the cap; then nobody gets a slot until it is below.
//
// # Limits
//
// It bounds how much runs, not how often somebody comes; that is package
// ratelimit. Addresses are cheap for those who have many: Config.Global is what
// holds against them.
//
// Over HTTP/1.1, net/http notices that a client has hung up only after the
// request's body was read. A request whose body is still unread waits its time
// though nobody is there. Read short bodies first where that matters.
//
// An instance that is stopped for longer than the TTL, and goes on, has lost its
// leases meanwhile; until its next renewal the shared cap can be exceeded by as
// many. So can it be by the writes that a Redis replica had not seen when it took
// over.
package concurrency
