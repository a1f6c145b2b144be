package postgres

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands between an engine and its server and can be made a bad network.
type proxy struct {
	listener net.Listener
	target   string
	all      sync.WaitGroup

	mu      sync.Mutex
	conns   []net.Conn
	refuse  bool
	stalled chan struct{} // closed: traffic flows
	turns   int           // how often a client spoke after the server did
	spoken  bool          // the server was the last to speak
	budget  int64         // bytes from the server until the connection is cut; negative: no end
}

func startProxy(t testing.TB, target string) *proxy {
	t.Helper()
	var l net.ListenConfig
	listener, err := l.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, target: target, stalled: make(chan struct{}), budget: -1}
	close(p.stalled)
	p.all.Go(p.accept)
	t.Cleanup(func() {
		_ = listener.Close() // ends accept
		p.flow()
		p.cut()
		p.all.Wait()
	})
	return p
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse := p.refuse
		p.mu.Unlock()
		if refuse {
			_ = client.Close() // that is the refusal
			continue
		}
		server, err := net.Dial("tcp", p.target) //nolint:noctx // to this machine
		if err != nil {
			_ = client.Close() // as the server would
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		p.all.Go(func() { p.copy(server, client, false) })
		p.all.Go(func() { p.copy(client, server, true) })
	}
}

func (p *proxy) copy(dst, src net.Conn, counted bool) {
	defer func() { _, _ = dst.Close(), src.Close() }() // one end is gone, or is to be
	buffer := make([]byte, 4096)
	for {
		n, err := src.Read(buffer)
		p.mu.Lock()
		wait := p.stalled
		if n > 0 {
			if p.spoken && !counted {
				p.turns++
			}
			p.spoken = counted
		}
		if counted && p.budget >= 0 {
			if p.budget -= int64(n); p.budget < 0 {
				n, err = 0, io.EOF
				p.budget = -1
			}
		}
		p.mu.Unlock()
		<-wait
		if n > 0 {
			if _, err := dst.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// cut closes all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close() // it may be closed
	}
	p.conns = nil
}

// cutAfter cuts the connection that carries so many more bytes of answers.
func (p *proxy) cutAfter(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budget = n
}

// stall lets nothing through any more, without closing anything.
func (p *proxy) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = make(chan struct{})
}

func (p *proxy) flow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.stalled:
	default:
		close(p.stalled)
	}
}

func (p *proxy) refuses(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = yes
}

// roundTrips counts the round trips that f makes.
func (p *proxy) roundTrips(f func()) int {
	p.mu.Lock()
	p.turns, p.spoken = 0, true
	p.mu.Unlock()
	f()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.turns
}
