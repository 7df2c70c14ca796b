package agent

import (
	"context"
	"io"
	"net"
	"time"
)

// A newer agent takes over what a running one keeps, on one connection of the same user's:
//
//	new → old  opHandOver, with the new one's revision
//	old → new  opEntry for each value, then opDone
//	           (the new one gives its own socket the known name, and hangs up)
//
// Until the connection ends the old agent answers Get, and Put, Delete and Stop wait. Then it looks whose
// the socket is. If it is another's the old agent ends, and whoever waited is hung up on, which sends a
// client to the new one; else it goes on as before. So the kill of either loses nothing but what that one
// alone had.

// handOver is the old agent's part.
func (s *server) handOver(conn net.Conn, request frame) {
	if len(request.value) != 1 || request.value[0] <= s.revision {
		writeFrame(conn, frame{op: opRefused})
		return
	}
	keys, err := s.vault.freeze()
	if err != nil {
		return
	}
	if s.sendAll(conn, keys) == nil {
		io.ReadFull(conn, make([]byte, 1)) // it says no more
	}
	s.vault.thaw(!stillThere(s.dir, s.socket))
}

func (s *server) sendAll(conn net.Conn, keys []string) error {
	for _, key := range keys {
		value, until := s.vault.copyOf(key)
		if value == nil { // it has expired meanwhile
			continue
		}
		err := writeFrame(conn, frame{op: opEntry, key: key, value: value, until: until})
		clear(value)
		if err != nil {
			return err
		}
	}
	return writeFrame(conn, frame{op: opDone})
}

// takeOver is the new agent's part up to the socket; the old one waits for the end of the connection.
func (s *server) takeOver(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, oldLimit)
	defer cancel()
	conn, err := connect(ctx, s.dir)
	if err != nil {
		return nil, err
	}
	if err := s.receiveAll(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func (s *server) receiveAll(conn net.Conn) error {
	conn.SetDeadline(time.Now().Add(oldLimit))
	if err := writeFrame(conn, frame{op: opHandOver, value: []byte{s.revision}}); err != nil {
		return err
	}
	for {
		f, err := readFrame(conn)
		if err != nil {
			return err
		}
		switch f.op {
		case opDone:
			return nil
		case opEntry:
			err = s.vault.put(f.key, f.value, f.until)
			clear(f.value)
		default:
			err = errGarbage
		}
		if err != nil {
			return err
		}
	}
}
