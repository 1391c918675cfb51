//! Raw sockets, through the standard library.

use super::Net;
use paracle_plugin_sdk::prelude::*;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};

/// Does something with a socket.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Socket {
    /// `tcp`, `udp`, `listen` or `lookup`.
    what: String,
    /// `HOST:PORT`.
    to: String,
}

/// What came of it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Came {
    error: Option<String>,
    said: String,
}

impl Tool<Net> for Socket {
    const NAME: &str = "socket";
    type Output = Json<Came>;

    fn call(self, _: &mut Context<'_, Net>) -> Result<Json<Came>, ToolError> {
        let came = match self.act() {
            Ok(said) => Came { error: None, said },
            Err(error) => Came {
                error: Some(error.to_string()),
                said: String::new(),
            },
        };
        Ok(Json::new(came))
    }
}

impl Socket {
    fn act(&self) -> std::io::Result<String> {
        match self.what.as_str() {
            "tcp" => {
                let mut stream = TcpStream::connect(self.to.as_str())?;
                stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
                let mut said = String::new();
                stream.read_to_string(&mut said)?;
                Ok(said)
            }
            "udp" => {
                let socket = UdpSocket::bind("0.0.0.0:0")?;
                socket.send_to(b"ping", self.to.as_str())?;
                let mut said = [0; 16];
                let (read, _) = socket.recv_from(&mut said)?;
                Ok(String::from_utf8_lossy(&said[..read]).into_owned())
            }
            "listen" => {
                let listener = TcpListener::bind(self.to.as_str())?;
                Ok(format!("{:?}", listener.local_addr()?))
            }
            _ => {
                let found: Vec<_> = self.to.as_str().to_socket_addrs()?.collect();
                Ok(format!("{found:?}"))
            }
        }
    }
}
