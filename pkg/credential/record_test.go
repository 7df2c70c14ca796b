package credential

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// full returns a credential with every field set.
func full() Credential {
	return Credential{
		AccessKeyID: "ASIA1", SecretAccessKey: secret.New("s/+="), SessionToken: secret.New(strings.Repeat("t", 3000)),
		Issued: noon.Add(123456789 * time.Nanosecond), Expiration: noon.Add(time.Hour),
		Principal: Principal{ARN: "arn:aws:sts::111122223333:assumed-role/R/ä", UserID: "AROA:ä"},
		Subject:   "auth0|a", Audience: "daypass", Provider: "https://idp", SourceIdentity: "src", IdentityID: "us-east-1:x",
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	whole := reflect.ValueOf(full())
	for i := range whole.NumField() {
		if whole.Field(i).IsZero() {
			t.Errorf("the test does not set the field %s", whole.Type().Field(i).Name)
		}
	}
	for _, want := range []Credential{full(), sample()} {
		got := FromRecord(want.Record())
		if !got.SecretAccessKey.Equal(want.SecretAccessKey) || !got.SessionToken.Equal(want.SessionToken) {
			t.Error("a secret was changed")
		}
		got.SecretAccessKey, got.SessionToken = want.SecretAccessKey, want.SessionToken
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// A truncated record, or one with additional data, is not read as a credential.
func TestCutRecords(t *testing.T) {
	t.Parallel()
	record := full().Record()
	for n := range record {
		if c := FromRecord(record[:n]); !c.IsZero() {
			t.Fatalf("%d of %d bytes were read as a credential: %s", n, len(record), c.AccessKeyID)
		}
	}
	if c := FromRecord(append(record, 0)); !c.IsZero() {
		t.Error("a record with additional data was read as a credential")
	}
}

func FuzzFromRecord(f *testing.F) {
	f.Add(full().Record())
	f.Add([]byte{recordVersion, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte(`{"v":1,"key":"ASIA"}`))
	f.Fuzz(func(t *testing.T, record []byte) {
		c := FromRecord(record)
		if again := FromRecord(c.Record()); !c.IsZero() && again.AccessKeyID != c.AccessKeyID {
			t.Errorf("%q became %q", c.AccessKeyID, again.AccessKeyID)
		}
	})
}
