package duckdb

import "io"

// sender writes frames of long answers while the next one is encoded: writing
// waits for the server, and the server for its client. It has a goroutine that
// lives as long as the worker.
type sender struct {
	queue chan []byte
	done  chan sent
	// onTheWay is how many frames have not come back. It belongs to whoever sends.
	onTheWay int
}

// sent is a frame that was written, or not.
type sent struct {
	frame []byte
	err   error
}

// maxOnTheWay is how many frames wait or are being written.
const maxOnTheWay = 2

func newSender(channel io.Writer) *sender {
	s := &sender{queue: make(chan []byte, maxOnTheWay), done: make(chan sent, maxOnTheWay)}
	go func() {
		for frame := range s.queue {
			_, err := channel.Write(frame)
			s.done <- sent{frame, err}
		}
	}()
	return s
}

// send takes a frame, and returns a buffer for the next one.
func (s *sender) send(frame []byte) ([]byte, error) {
	s.queue <- frame
	s.onTheWay++
	if s.onTheWay < maxOnTheWay {
		return make([]byte, 0, cap(frame)), nil
	}
	last := <-s.done
	s.onTheWay--
	return last.frame, last.err
}

// drain waits until everything is written.
func (s *sender) drain() error {
	var err error
	for ; s.onTheWay > 0; s.onTheWay-- {
		if last := <-s.done; err == nil {
			err = last.err
		}
	}
	return err
}

// close ends the goroutine.
func (s *sender) close() { close(s.queue) }
