"""Persons nobody lists: given names and surnames that are common in a region, put together by a seeded generator.

What a matcher finds among them is a false alarm, but for a few true homonyms: common names are borne by listed
persons too.
"""

import random
from collections.abc import Iterator

_US_GIVEN = (
    "James Mary Michael Patricia Robert Jennifer John Linda David Elizabeth William Barbara Richard Susan Joseph "
    "Jessica Thomas Karen Christopher Sarah Charles Lisa Daniel Nancy Matthew Sandra Anthony Betty Mark Ashley "
    "Donald Emily Steven Kimberly Andrew Margaret Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian "
    "Melissa Timothy Deborah Ronald Stephanie Jason Rebecca George Sharon Edward Laura Jeffrey Cynthia Ryan Amy"
)
_US_FAMILY = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson "
    "Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis "
    "Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera "
    "Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart"
)
_REGIONS: dict[str, tuple[str, str]] = {
    "us": (_US_GIVEN, _US_FAMILY),
    "germany": (
        "Lukas Anna Maximilian Sophie Felix Lena Jonas Laura Tobias Julia Stefan Katharina Jürgen Sabine Wolfgang",
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein",
    ),
    "france": (
        "Jean Marie Pierre Camille Louis Chloé Julien Manon Nicolas Léa Antoine Claire Étienne Hélène Aurélie",
        "Martin Bernard Dubois Durand Moreau Laurent Lefebvre Leroy Roux Fournier Girard Bonnet Dupont Lambert",
    ),
    "italy": (
        "Giuseppe Giulia Marco Francesca Luca Chiara Alessandro Sara Matteo Valentina Davide Elena Stefano Paola",
        "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Mancini Costa",
    ),
    "spain": (
        "Alejandro Lucía Pablo Paula Javier Marta Sergio Cristina Álvaro Beatriz Rubén Rocío Ignacio Pilar",
        "Fernández Álvarez Moreno Muñoz Alonso Gutiérrez Navarro Domínguez Vázquez Ramos Gil Serrano Blanco Molina",
    ),
    "poland": (
        "Piotr Anna Krzysztof Maria Andrzej Katarzyna Tomasz Małgorzata Paweł Agnieszka Michał Barbara Marcin Ewa",
        "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Mazur",
    ),
    "russia": (
        "Aleksandr Elena Sergey Olga Dmitry Tatiana Andrey Natalia Alexey Irina Mikhail Svetlana Ivan Ekaterina",
        "Smirnov Kuznetsov Popov Vasiliev Petrov Sokolov Mikhailov Fedorov Morozov Volkov Lebedev Kozlov Orlov Zaitsev",
    ),
    "turkey": (
        "Mehmet Fatma Mustafa Ayşe Murat Emine Hüseyin Zeynep Emre Elif Burak Merve Serkan Esra",
        "Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin",
    ),
    "arab": (
        "Mohammed Fatima Ahmed Aisha Omar Mariam Youssef Layla Khaled Noor Hassan Salma Tariq Hala Samir Rania",
        "Al-Masri Haddad Khoury Mansour Najjar Al-Sayed Saleh Farouk Darwish Shaheen Qasim Barakat Al-Hashimi Zaki",
    ),
    "india": (
        "Rahul Priya Amit Neha Sanjay Pooja Vijay Anjali Rajesh Kavita Arjun Deepa Suresh Lakshmi Ravi Meena",
        "Sharma Verma Gupta Patel Reddy Iyer Nair Singh Kumar Mehta Joshi Desai Chatterjee Mukherjee Pillai Rao",
    ),
    "china": (
        "Wei Fang Min Jing Li Xiuying Qiang Yan Jun Juan Yong Ping Gang Xia Haoran Yuxuan Zihan Xinyi",
        "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo Lin Gao",
    ),
    "korea": (
        "Min-jun Seo-yeon Ji-hoon Ji-woo Hyun-woo Soo-jin Sung-min Eun-ji Young-ho Mi-kyung Dong-hyun Hye-jin",
        "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Shin Seo Kwon Hwang Song",
    ),
    "japan": (
        "Haruto Yui Sota Sakura Yuto Aoi Hiroshi Keiko Takashi Yoko Kenji Akiko Daisuke Naoko",
        "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki Matsumoto",
    ),
    "congo": (
        "Jean-Pierre Grâce Patrick Espérance Dieudonné Béatrice Emmanuel Chantal Innocent Josephine Fabrice Solange",
        "Kabongo Mukendi Ilunga Tshimanga Kasongo Mutombo Ngoy Kalala Mwamba Banza Lubamba Kayembe Mbuyi Nsimba",
    ),
    "nigeria": (
        "Chinedu Ngozi Emeka Amaka Tunde Folake Ibrahim Zainab Olumide Yetunde Ifeanyi Chioma Segun Bisi",
        "Okafor Adeyemi Eze Okonkwo Balogun Abubakar Nwosu Ogunleye Bello Onyeka Adebayo Lawal Obi Afolabi",
    ),
}


def persons(region: str, many: int) -> Iterator[str]:
    """Yield invented persons of a region (``global``: of every other); every third has a second given name."""
    drawn = random.Random(f"invented {region}")  # a fixed set, no secret
    regions = [name for name in _REGIONS if name != "us"] if region == "global" else [region]
    for number in range(many):
        given, family = (names.split() for names in _REGIONS[regions[number % len(regions)]])
        first = drawn.sample(given, 2 if number % 3 == 0 else 1)
        yield " ".join([*first, drawn.choice(family)])
