package signin

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

const (
	recordVersion = 1
	// maxRecord bounds what is read, in bytes, and maxReason what is written of a reason, in characters.
	maxRecord = 4096
	maxReason = 300
)

// record is the file. The zero record is none.
type record struct {
	Version int       `json:"v"`
	ID      string    `json:"id"`
	Host    string    `json:"host"`
	Began   time.Time `json:"began"`
	// Reason is why it came to nothing; "" while it goes on, or when its process died.
	Reason string `json:"reason,omitempty"`
	// Deaths are the processes that died over it before this one.
	Deaths int `json:"deaths,omitempty"`
	// SignedOut is all that a sign-out leaves of the attempt that it withdrew.
	SignedOut int64 `json:"signed_out,omitempty"`
}

// fault says why no sign-in may begin by itself after this one.
func (r record) fault() error {
	reason := r.Reason
	if reason == "" && r.nextDeaths() >= maxDeaths {
		reason = fmt.Sprintf("its process was killed, %d times in a row", maxDeaths)
	}
	if reason == "" {
		return nil
	}
	return &FailedError{Host: r.Host, Began: r.Began, Reason: reason}
}

// nextDeaths counts a death for a record that says nothing of its end.
func (r record) nextDeaths() int {
	if r.ID == "" || r.Reason != "" {
		return 0
	}
	return r.Deaths + 1
}

// read returns the zero record for a file that is missing, or that no daypass of this kind wrote.
func (l *Log) read() record {
	file, err := os.OpenFile(l.Path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe there is not waited for
	if err != nil {
		return record{}
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxRecord))
	var r record
	if err != nil || json.Unmarshal(text, &r) != nil || r.Version != recordVersion {
		return record{}
	}
	r.Host, r.Reason = sanitize.Short(r.Host, maxReason), sanitize.Short(r.Reason, maxReason)
	return r
}

// write replaces the file as a whole (mode 0600).
func (l *Log) write(r record) error {
	r.Reason = sanitize.Short(r.Reason, maxReason)
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(l.Path), filepath.Base(l.Path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if fault := file.Close(); err == nil {
		err = fault
	}
	if err == nil {
		err = os.Rename(file.Name(), l.Path)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // what led here is told
	}
	return err
}

// remove takes the file away, and says whether there was one. One that stays says that its process died,
// which is not far from it.
func (l *Log) remove() bool { return os.Remove(l.Path) == nil }
