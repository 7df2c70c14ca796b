//go:build integration

package integration

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// shortLife is the lifetime of an ID token of the second dex: long enough for one call of the AWS CLI on a busy
// machine, and short enough to see several.
const shortLife = 25 * time.Second

const (
	password = "password"
	// passwordHash is the bcrypt hash of the password.
	passwordHash = "$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W"
)

// userIDs are the users of dex, by the name before @example.com. Dex stores one refresh token for each user and
// client, so a test that renews later uses a person of its own.
var userIDs = map[string]string{
	"alice": "08a8684b-db88-4b73-90a9-3cd1661f5466",
	"bob":   "41331323-6f44-45e6-b3b9-2c4b60c02be5",
	"carol": "5a9c9a47-1f0e-4b0f-9d2c-6a3a1b7e0c11",
	"dave":  "0d5f3c1e-8c39-4b1b-9f0a-2f6d0f6f9d04",
	"erin":  "e1a1f3ab-6a1e-4f7e-8a77-5f3c1bb9e205",
	"frank": "f4a2d6de-52c2-4c39-b7c9-90b6a7f5a706",
	"grace": "6a9ce0d1-3b52-4f2b-8c55-21d8f1f0a907",
	"ivan":  "3c4c2b1a-6d5e-4f60-8172-93a4b5c6d709",
	"heidi": "8e1d1b5c-7f4e-4d0c-9a52-b7d2f6c3d408",
}

// subjectOf returns dex's `sub` for that person: a protobuf of user and connector ID in base64.
func subjectOf(name string) string {
	id, connector := userIDs[name], "local"
	message := append([]byte{1<<3 | 2, byte(len(id))}, id...)
	message = append(message, 2<<3|2, byte(len(connector)))
	return base64.RawURLEncoding.EncodeToString(append(message, connector...))
}

// issuer is a dex behind a recorder.
type issuer struct {
	url      string // as in `iss`
	clientID string
	server   *server
	recorder *recorder
}

func startDex(root, clientID, idTokenLife string) (*issuer, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	w, err := startRecorder(address, "/dex/token", ofTokens)
	if err != nil {
		return nil, err
	}
	d := &issuer{url: w.url + "/dex", clientID: clientID, recorder: w}
	config := filepath.Join(root, clientID+".dex.json") // JSON is YAML
	text, err := json.Marshal(dexConfig(d.url, address, clientID, idTokenLife))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(config, text, 0o600); err != nil {
		return nil, err
	}
	d.server, err = startServer(exec.Command("dex", "serve", config), config+".log", func() bool {
		return answers("http://" + address + "/dex/.well-known/openid-configuration")
	})
	if err != nil {
		d.recorder.server.Close()
		return nil, err
	}
	return d, nil
}

func dexConfig(issuerURL, address, clientID, idTokenLife string) map[string]any {
	type object = map[string]any
	people := []object{}
	for name, id := range userIDs {
		people = append(people, object{
			"email": name + "@example.com", "hash": passwordHash, "username": name, "userID": id,
		})
	}
	return object{
		"issuer":           issuerURL,
		"storage":          object{"type": "memory"},
		"web":              object{"http": address},
		"logger":           object{"level": "info"},
		"oauth2":           object{"skipApprovalScreen": true},
		"expiry":           object{"idTokens": idTokenLife, "refreshTokens": object{"reuseInterval": "3s"}},
		"enablePasswordDB": true,
		"staticPasswords":  people,
		// Without redirect URIs dex accepts any loopback address, port and path from a public client.
		"staticClients": []object{{"id": clientID, "name": clientID, "public": true, "redirectURIs": []string{}}},
	}
}

func (d *issuer) stop() {
	d.server.stop()
	d.recorder.server.Close()
}
