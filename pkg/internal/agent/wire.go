package agent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// A connection carries one request and one answer, each one frame, numbers big-endian:
//
//	magic 1 | version 1 | op 1 | key length 2 | value length 4 | until 8 (Unix milliseconds, 0: none) | key | value
//
// Another version means another layout from the third byte on, so neither side reads further. An agent answers
// opRefused with its own header, which tells the client the agent's version. A client does not replace an agent of a
// later version (ErrNewer). It replaces an agent of an earlier one as if that had not answered, and the values of
// that agent are lost.
const (
	magic      = 0xDA
	version    = 1
	headerSize = 17
)

// op is the request or the kind of answer in a frame.
type op byte

const (
	opPing op = 1 + iota
	opGet
	opPut
	opDelete
	opStatus
	opStop
)

const (
	opDone op = 0x80 + iota
	opFound
	opNone
	opRefused
)

var (
	errGarbage = errors.New("the answer is not in the agent's protocol")
	errVersion = errors.New("the agent uses an earlier version of the protocol")
	errSize    = errors.New("larger than the agent's protocol allows")
)

type frame struct {
	op    op
	key   string
	value []byte
	until time.Time // zero: the value does not expire
}

// fits returns an error if the frame is larger than an agent accepts.
func (f frame) fits() error {
	if len(f.key) > maxKey || len(f.value) > maxValue {
		return fmt.Errorf("%d bytes under a key of %d: %w", len(f.value), len(f.key), errSize)
	}
	return nil
}

// writeFrame sends f in one write and leaves no copy of the value behind.
func writeFrame(w io.Writer, f frame) error {
	if err := f.fits(); err != nil {
		return err
	}
	b := make([]byte, headerSize, headerSize+len(f.key)+len(f.value))
	b[0], b[1], b[2] = magic, version, byte(f.op)
	binary.BigEndian.PutUint16(b[3:], uint16(len(f.key)))
	binary.BigEndian.PutUint32(b[5:], uint32(len(f.value)))
	binary.BigEndian.PutUint64(b[9:], uint64(toMillis(f.until)))
	b = append(append(b, f.key...), f.value...)
	defer clear(b)
	_, err := w.Write(b)
	return err
}

// readFrame reads one frame. It checks the sizes before it allocates. The error is io.EOF when the connection was
// closed before the first byte.
func readFrame(r io.Reader) (frame, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return frame{}, err
	}
	keySize := int(binary.BigEndian.Uint16(header[3:]))
	valueSize := binary.BigEndian.Uint32(header[5:])
	switch {
	case header[0] != magic:
		return frame{}, errGarbage
	case header[1] > version:
		return frame{}, ErrNewer
	case header[1] < version:
		return frame{}, errVersion
	case keySize > maxKey || valueSize > maxValue:
		return frame{}, errSize
	}
	body := make([]byte, keySize+int(valueSize))
	if _, err := io.ReadFull(r, body); err != nil {
		clear(body)
		return frame{}, fmt.Errorf("reading a frame's body: %w", err)
	}
	return frame{
		op: op(header[2]), key: string(body[:keySize]), value: body[keySize:],
		until: fromMillis(int64(binary.BigEndian.Uint64(header[9:]))),
	}, nil
}

// toMillis rounds down, so that no value is stored for longer than requested. Zero means that the value does not
// expire, so the epoch itself becomes -1.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	if ms := t.UnixMilli(); ms != 0 {
		return ms
	}
	return -1
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
