package duckdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

func TestFramesSurviveDeadlinesAndAnyCutting(t *testing.T) {
	t.Parallel()
	big := bytes.Repeat([]byte("0123456789"), 20_000)
	var wire []byte
	wire = appendFrame(wire, frameData, big)
	wire = appendFrame(wire, frameEnd, []byte(`{"Rows":1}`))
	server, worker := net.Pipe()
	defer func() { _ = server.Close() }()
	defer func() { _ = worker.Close() }()
	go func() {
		for len(wire) > 0 {
			n := min(len(wire), 777)
			if _, err := worker.Write(wire[:n]); err != nil {
				return
			}
			wire = wire[n:]
		}
	}()
	frames := newFrameReader(server)
	var got []byte
	timeouts := 0
	// Every read has a deadline that has nearly passed: most fail, none loses
	// a byte.
	for {
		if err := server.SetReadDeadline(time.Now().Add(20 * time.Microsecond)); err != nil {
			t.Fatal(err)
		}
		if frames.rest > 0 {
			piece, err := frames.data()
			got = append(got, piece...)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				timeouts++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		kind, payload, err := frames.next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			timeouts++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if kind == frameEnd {
			if string(payload) != `{"Rows":1}` {
				t.Errorf("end: %s", payload)
			}
			break
		}
	}
	if !bytes.Equal(got, big) {
		t.Errorf("%d bytes arrived of %d, after %d timeouts", len(got), len(big), timeouts)
	}
}

func TestAFrameOfAnAbsurdLengthIsRefusedUnread(t *testing.T) {
	t.Parallel()
	for _, length := range []uint32{maxFrame + 1, 1 << 31, 1<<32 - 1} {
		head := binary.LittleEndian.AppendUint32([]byte{byte(frameReady)}, length)
		if _, _, err := newFrameReader(bytes.NewReader(head)).next(); !errors.Is(err, errFrame) {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
}

// FuzzFrames reads what a worker gone wrong might send: it must end in an
// error or at the end, and never take more memory than it was given bytes.
func FuzzFrames(f *testing.F) {
	f.Add(appendFrame(nil, frameData, []byte("abc")))
	f.Add(appendFrame(appendFrame(nil, frameReady, []byte("{}")), frameFailed, nil))
	f.Add([]byte{byte(frameData), 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{byte(frameEnd), 1, 0, 0})
	f.Add(appendFrame(nil, frameFigures, []byte(`{"Rows":5e9,"CPUMillis":1}`)))
	f.Fuzz(func(t *testing.T, wire []byte) {
		frames := newFrameReader(bytes.NewReader(wire))
		read := 0
		for {
			if frames.rest > 0 {
				piece, err := frames.data()
				read += len(piece)
				if err != nil {
					return
				}
				continue
			}
			_, payload, err := frames.next()
			read += len(payload)
			if err == nil {
				continue
			}
			if read > len(wire) {
				t.Fatalf("%d bytes read from %d", read, len(wire))
			}
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, errFrame) {
				t.Fatalf("ended with %v", err)
			}
			return
		}
	})
}
