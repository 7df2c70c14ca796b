//go:build integration

package integration

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// shortLife is the life of an ID token of the impatient dex: long enough for one call of the AWS CLI on
// a busy machine, short enough to see several.
const shortLife = 25 * time.Second

const (
	password = "password"
	// passwordHash is bcrypt's of it.
	passwordHash = "$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W"
)

// userIDs are the people dex knows, by the name before @example.com.
var userIDs = map[string]string{
	"alice": "08a8684b-db88-4b73-90a9-3cd1661f5466",
	"bob":   "41331323-6f44-45e6-b3b9-2c4b60c02be5",
	"carol": "5a9c9a47-1f0e-4b0f-9d2c-6a3a1b7e0c11",
}

// subjectOf is dex's `sub` for that person: base64 of a protobuf of user and connector ID.
func subjectOf(name string) string {
	id, connector := userIDs[name], "local"
	message := append([]byte{1<<3 | 2, byte(len(id))}, id...)
	message = append(message, 2<<3|2, byte(len(connector)))
	return base64.RawURLEncoding.EncodeToString(append(message, connector...))
}

// issuer is a dex, with a witness between it and its callers that remembers what its token endpoint gave.
type issuer struct {
	url      string // as in `iss`
	clientID string
	server   *server
	witness  *http.Server

	mu       sync.Mutex
	requests int
	given    []string
}

func startDex(root, clientID, idTokenLife string) (*issuer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	d := &issuer{url: "http://" + listener.Addr().String() + "/dex", clientID: clientID}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	proxy.ModifyResponse = d.remember
	d.witness = &http.Server{Handler: proxy}
	go d.witness.Serve(listener)

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
		d.witness.Close()
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
		// No redirect URIs: dex then takes any loopback address, port and path from a public client.
		"staticClients": []object{{"id": clientID, "name": clientID, "public": true, "redirectURIs": []string{}}},
	}
}

func (d *issuer) stop() {
	d.server.stop()
	d.witness.Close()
}

// remember keeps each token that the token endpoint hands out.
func (d *issuer) remember(resp *http.Response) error {
	if resp.Request.URL.Path != "/dex/token" {
		return nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var tokens map[string]any
	_ = json.Unmarshal(body, &tokens) // an error page gives no tokens
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests++
	for _, name := range []string{"id_token", "access_token", "refresh_token"} {
		if value, ok := tokens[name].(string); ok && value != "" {
			d.given = append(d.given, value)
		}
	}
	return nil
}

// tokenRequests counts the requests to the token endpoint so far.
func (d *issuer) tokenRequests() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.requests
}

// tokens are all that were handed out so far.
func (d *issuer) tokens() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.given...)
}
