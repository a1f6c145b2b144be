package concurrency

// The lists link their members directly: a waiter that gives up is taken out
// of the middle without a search and without an allocation.

// waiterList is a queue of waiters, first come first.
type waiterList struct{ head, tail *waiter }

func (q *waiterList) first() *waiter { return q.head }

func (q *waiterList) pushBack(w *waiter) {
	w.prev, w.next = q.tail, nil
	if q.tail != nil {
		q.tail.next = w
	} else {
		q.head = w
	}
	q.tail = w
}

func (q *waiterList) pushFront(w *waiter) {
	w.prev, w.next = nil, q.head
	if q.head != nil {
		q.head.prev = w
	} else {
		q.tail = w
	}
	q.head = w
}

func (q *waiterList) remove(w *waiter) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		q.head = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		q.tail = w.prev
	}
	w.prev, w.next = nil, nil
}

// tenantList is the order in which tenants are served.
type tenantList struct{ head, tail *tenant }

func (r *tenantList) pushBack(t *tenant) {
	t.prev, t.next = r.tail, nil
	if r.tail != nil {
		r.tail.next = t
	} else {
		r.head = t
	}
	r.tail = t
}

func (r *tenantList) pushFront(t *tenant) {
	t.prev, t.next = nil, r.head
	if r.head != nil {
		r.head.prev = t
	} else {
		r.tail = t
	}
	r.head = t
}

func (r *tenantList) remove(t *tenant) {
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		r.head = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	} else {
		r.tail = t.prev
	}
	t.prev, t.next = nil, nil
}
