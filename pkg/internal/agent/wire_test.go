package agent

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func encoded(t testing.TB, f frame) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := writeFrame(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func equalFrames(a, b frame) bool {
	return a.op == b.op && a.key == b.key && bytes.Equal(a.value, b.value) && a.until.Equal(b.until)
}

func TestFrameRoundTrip(t *testing.T) {
	t.Parallel()
	frames := []frame{
		{op: opPing},
		{op: opGet, key: "login/1"},
		{op: opPut, key: "k", value: []byte("v\x00\xff\n"), until: time.UnixMilli(1700000000123)},
		{op: opPut, key: "old", value: []byte("v"), until: time.UnixMilli(-5)},
		{op: opFound, value: bytes.Repeat([]byte("x"), maxValue)},
		{op: opPut, key: strings.Repeat("k", maxKey)},
	}
	for _, want := range frames {
		got, err := readFrame(bytes.NewReader(encoded(t, want)))
		if err != nil || !equalFrames(got, want) {
			t.Errorf("frame of op %d, key %.9q came back as op %d, key %.9q (%v)", want.op, want.key, got.op, got.key, err)
		}
	}
	epoch, err := readFrame(bytes.NewReader(encoded(t, frame{op: opPut, until: time.Unix(0, 0)})))
	if err != nil || epoch.until.IsZero() {
		t.Errorf("the epoch came back as %v (%v), which means no expiry", epoch.until, err)
	}
}

func TestInvalidFrames(t *testing.T) {
	t.Parallel()
	change := func(at int, to ...byte) []byte {
		b := encoded(t, frame{op: opPut, key: "key", value: []byte("value")})
		copy(b[at:], to)
		return b
	}
	tests := map[string]struct {
		frame []byte
		want  error
	}{
		"nothing":       {nil, io.EOF},
		"half a header": {change(0)[:5], io.ErrUnexpectedEOF},
		"half a body":   {change(0)[:headerSize+4], io.ErrUnexpectedEOF},
		"HTTP":          {[]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), errGarbage},
		"later":         {change(1, version+1), ErrNewer},
		"earlier":       {change(1, version-1), errVersion},
		"key too long":  {change(3, 0xff, 0xff), errSize},
		"value too big": {change(5, 0xff, 0xff, 0xff, 0xff), errSize},
		"one too many":  {change(5, 0, 1, 0, 1), errSize},
	}
	for name, test := range tests {
		if _, err := readFrame(bytes.NewReader(test.frame)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	for _, f := range []frame{{key: strings.Repeat("k", maxKey+1)}, {value: make([]byte, maxValue+1)}} {
		if err := writeFrame(io.Discard, f); !errors.Is(err, errSize) {
			t.Errorf("writing %d bytes under a key of %d: %v, want %v", len(f.value), len(f.key), err, errSize)
		}
	}
}

// Reading never panics, and writing an accepted frame gives the same bytes.
func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add(encoded(f, frame{op: opPut, key: "k", value: []byte("v"), until: time.UnixMilli(1)}))
	f.Add(encoded(f, frame{op: 0xff, until: time.UnixMilli(-1 << 62)}))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := readFrame(bytes.NewReader(in))
		if err != nil {
			return
		}
		size := headerSize + len(got.key) + len(got.value)
		if out := encoded(t, got); !bytes.Equal(out, in[:size]) {
			t.Errorf("read from %x, written as %x", in[:size], out)
		}
	})
}
