//go:build linux

package systest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	crowdClients = 500
	// Of the questions of each client, one in so many is poison.
	poisonEvery = 20
	// How many there are of those who read, and of those who write, as slowly as they can.
	slowReaders, slowWriters = 10, 100
)

// poisons are the questions that nobody should ask.
var poisons = []string{
	chaos("spin"), chaos("silent"), chaos("stop"), chaos("memory"), chaos("disk"), chaos("threads"), chaos("malformed"), chaos("huge"),
	chaos("half"), chaos("flood"), chaos("die"), chaos("exit"), chaos("panic"), chaos("syscall fork"), chaos("stream die"),
	"SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))", "SELECT sum(range) FROM range(100000000000)", "SELECT length(repeat('x', 2000000000))",
}

// crowd is what its clients have seen.
type crowd struct {
	mu      sync.Mutex
	healthy map[string]int // by outcome
	poison  map[string]int
	wrong   []string
	refused []string        // ids of healthy questions
	took    []time.Duration // of healthy answers
}

func (c *crowd) note(poison bool, a answer, err error, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := ""
	switch {
	case err != nil:
		got = "error"
	case a.status == http.StatusOK:
		got = "answer"
	case a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") != "":
		got = "429"
	default:
		got = outcome(a)
	}
	if poison {
		c.poison[got]++
		return
	}
	c.healthy[got]++
	if got == "503" || got == "429" {
		c.refused = append(c.refused, a.header.Get("X-Request-Id"))
	}
	switch {
	case got == "answer" && strings.Contains(a.body, `"rows":[[133334]]`):
		c.took = append(c.took, took)
	case got != "503" && got != "429":
		c.wrong = append(c.wrong, fmt.Sprintf("%v %d %.300s", err, a.status, a.body))
	}
}

// pause is between the beginnings of two questions of a client.
const pause = 2 * time.Second

// member asks again and again, from an address of its own.
func (c *crowd) member(ctx context.Context, s *server, i int, good string, bad []string) {
	client := s.from(fmt.Sprintf("127.%d.%d.1", 1+i/250, 1+i%250))
	defer client.client.CloseIdleConnections()
	// Not all in the same moment.
	timer := time.NewTimer(time.Duration(i) * pause / crowdClients)
	defer timer.Stop()
	for n := i; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		began, poison := time.Now(), n%poisonEvery == 0
		body := good
		if poison {
			body = bad[(n/poisonEvery+i)%len(bad)]
		}
		a, err := client.send(context.WithoutCancel(ctx), http.MethodPost, "/v1/query", client.key, body)
		c.note(poison, a, err, time.Since(began))
		timer.Reset(max(0, pause-time.Since(began)))
	}
}

// everySecond calls f until it has had enough or the time is over.
func everySecond(ctx context.Context, f func() bool) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for f() {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// slowly opens connections, one after the other until the time is over, and
// hands each to f once a second for as long as f likes.
func (s *server) slowly(ctx context.Context, i int, first string, f func(net.Conn) error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 100, byte(i), 1)}}
	everySecond(ctx, func() bool {
		conn, err := dialer.DialContext(ctx, "tcp", s.address)
		if err != nil {
			return true // the time is over, or its end is near
		}
		defer func() { _ = conn.Close() }() // whatever has become of it
		if _, err := conn.Write([]byte(first)); err != nil {
			return true
		}
		everySecond(ctx, func() bool { return f(conn) == nil })
		return true
	})
}

func (s *server) slowReader(ctx context.Context, i int, body string) {
	first := fmt.Sprintf("POST /v1/query HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", s.key, len(body), body)
	piece := make([]byte, 1<<10)
	s.slowly(ctx, i, first, func(conn net.Conn) error {
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second)) // an open connection takes it
		_, err := conn.Read(piece)
		return err
	})
}

// Clients who take their answers byte by byte hold a worker for no longer than
// any other query may: until its deadline.
func TestSlowReadersHoldNoWorker(t *testing.T) {
	t.Parallel()
	s := bombed(t, program{path: binary}, placed{limits: "deadline: 1s, memory: 128MiB, bytes: 1GiB, rows: 1000000000"})
	before := s.holds(t)
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	long := asked(t, "SELECT n, t, x FROM big", "csv")
	for i := range allWorkers { // one for each worker
		readers.Go(func() { s.slowReader(ctx, i, long) })
	}
	eventually(t, "as many queries in flight as there are workers", func() bool {
		return strings.Contains(s.operator(t, "/metrics"), fmt.Sprintf("\nsallyport_in_flight %d\n", allWorkers))
	})
	began := time.Now()
	eventually(t, "an answer", func() bool { return s.query(t, "SELECT sum(n) AS s FROM data").status == http.StatusOK })
	// Readers come again as soon as they are cut off.
	if took := time.Since(began); took > 2*(time.Second+slack) {
		t.Errorf("they have held all workers for %v", took)
	}
	cancel()
	readers.Wait()
	s.wantLevel(t, before)
}

func (s *server) slowWriter(ctx context.Context, i int) {
	first := "POST /v1/query HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
	if i%2 == 0 {
		first = fmt.Sprintf("POST /v1/query HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: %s\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", s.key)
	}
	s.slowly(ctx, 100+i%100, first, func(conn net.Conn) error {
		_, err := conn.Write([]byte("x"))
		return err
	})
}

// Five hundred clients at once, of whose questions one in twenty is poison,
// beside others who read and write as slowly as they can: whoever asks
// decently gets the right answer or is told to come again, and when they are
// gone the server holds what it held before.
func TestCrowd(t *testing.T) {
	const budget = 1280 << 20
	length, expected := time.Minute, 0.5
	if testing.Short() {
		length = 30 * time.Second
	}
	s := bombed(t, chaosProgram(t), placed{
		limits: "deadline: 1s, memory: 128MiB, temp: 64MiB, bytes: 1GiB, rows: 1000000000",
		more: strings.Replace(generous, "in_flight: {per_client: 100, global: 100, queue: 100, wait: 1s}",
			"in_flight: {per_client: 4, global: 100, queue: 500, wait: 5s}", 1) + "memory: 1280MiB\n",
	})
	before := s.holds(t)
	watch := s.watchMemory(20 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	c := &crowd{healthy: map[string]int{}, poison: map[string]int{}}
	good := question(t, "SELECT count(*) AS c FROM big WHERE k = $1", 0)
	var bad []string
	for _, p := range poisons {
		bad = append(bad, asked(t, p, "ndjson"))
	}
	long := asked(t, "SELECT n, t, x FROM big", "csv")
	var all sync.WaitGroup
	for i := range crowdClients {
		all.Go(func() { c.member(ctx, s, i, good, bad) })
	}
	for i := range slowReaders {
		all.Go(func() { s.slowReader(ctx, i, long) })
	}
	for i := range slowWriters {
		all.Go(func() { s.slowWriter(ctx, i) })
	}
	all.Wait()

	questions, answered := 0, c.healthy["answer"]
	for _, n := range c.healthy {
		questions += n
	}
	t.Logf("healthy: %v, %.1f%% answered; poison: %v", c.healthy, 100*float64(answered)/float64(questions), c.poison)
	t.Logf("healthy answers: %s", spread(c.took))
	reasons, records := map[string]int{}, s.records()
	for _, id := range c.refused {
		reasons[records[id].Err]++
	}
	t.Logf("healthy questions were refused for: %v", reasons)
	for i, w := range c.wrong {
		if i == 10 {
			t.Errorf("and %d more", len(c.wrong)-i)
			break
		}
		t.Errorf("a healthy client got %s", w)
	}
	if float64(answered) < expected*float64(questions) {
		t.Errorf("only %d of %d healthy questions were answered", answered, questions)
	}
	watch.within(t, budget)
	s.wantLevel(t, before)
	metrics := s.operator(t, "/metrics")
	for _, gauge := range []string{"in_flight", "in_flight_held", "in_flight_waiting"} {
		if !strings.Contains(metrics, "\nsallyport_"+gauge+" 0\n") {
			t.Errorf("sallyport_%s is not 0 once everybody has gone", gauge)
		}
	}
	if a := s.query(t, "SELECT count(*) AS c FROM big WHERE k = 0"); !strings.Contains(a.body, `"rows":[[133334]]`) {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
}
